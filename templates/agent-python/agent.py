"""The agent __NAME__: counts the words of a text.

The console's worker gives tasks as lines of JSON on standard input and takes answers as lines of
JSON on standard output. Whatever else is printed goes to the agent's log.
"""

import json
import sys


def carry_out(task_input, progress):
    """Carries out one task: takes what agent.yaml calls input, gives what it calls output."""
    progress(0, "counting")
    words = task_input["text"].split()
    if not words:
        raise ValueError("the text has no words")
    return {"words": len(words), "longest": max(words, key=len)}


def write(message):
    print(json.dumps(message), flush=True)


def main():
    for line in sys.stdin:
        order = json.loads(line)
        if order["type"] != "task":
            continue  # A cancelled task's answer is ignored; a long one is ended with the program.
        task = order["id"]

        def progress(fraction, message=""):
            write({"type": "progress", "id": task, "fraction": fraction, "message": message})

        try:
            write({"type": "result", "id": task, "output": carry_out(order["input"], progress)})
        except Exception as cause:  # Whatever happens to a task, the next one is taken.
            write({"type": "failure", "id": task, "message": str(cause)})


if __name__ == "__main__":
    main()
