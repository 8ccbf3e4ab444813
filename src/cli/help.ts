/** What `--help` says. */
export const HELP = `
aimie-console — operator console for event-driven agents over Redis topics

Usage
  aimie-console                       open the console (without a terminal: run the built-in flow)
  aimie-console run [FLOW|FILE]       run a flow without a screen
  aimie-console show RUN              what became of a run; RUN is an id, its beginning, or @latest
  aimie-console sessions              list the saved sessions
  aimie-console flows                 list the flows that can be run
  aimie-console flows validate FILE   check a flow file; errors carry their line and remedy
  aimie-console config                every setting, its value, and where it came from
  aimie-console broker                start (or find) the private broker and print its address

Options of run
  --set NAME=VALUE     a parameter of the flow; may be repeated
                       (--set model=supply-chain, --set parameters.contact_rate=8)
  --question TEXT      short for --set question=TEXT
  --output FORM        text (default), json (one object at the end), jsonl (events as they happen)
  --timeout SECONDS    cancel the run when it takes longer; exit code 4

Options of every command
  --session NAME       the session to use, made when missing; default: the last one
  --redis URL          redis://, rediss://, unix:/path, redis-sentinel://
  --broker KIND        without --redis: auto (default), redis, embedded
  --namespace NAME     keeps several teams apart on one Redis
  --agents WHO         auto (default: use running workers, else start them), own, none
  -h, --help           this text
  -v, --version        the version

Examples
  aimie-console run --question "When does infectious peak?"
  aimie-console run simulation-qna-viz --set parameters.contact_rate=8 --output json | jq .answer
  aimie-console run my-flow.yaml --redis redis://127.0.0.1:6379 --timeout 60

Exit codes
  0 succeeded   1 run failed   2 usage or validation   3 bus unreachable   4 timeout
  7 worker given up   8 cancelled   70 a bug   130/143 interrupted
`;
