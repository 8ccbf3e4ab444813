import { expect, test } from "vitest";
import { entriesOf, fieldsOf, pause } from "../../src/bus/stream-reader.ts";

const entry = ["1-0", ["d", "x", "n", "2"]];
const read = [
  {
    stream: "s",
    id: "1-0",
    fields: new Map([
      ["d", "x"],
      ["n", "2"],
    ]),
  },
];

test.each([
  ["pairs, as RESP2 sends them", [["s", [entry]]]],
  ["a flat list, as RESP3's map comes from some clients", ["s", [entry]]],
  ["a map, as RESP3 sends it", new Map([["s", [entry]]])],
  ["an object, as RESP3's map comes from other clients", { s: [entry] }],
])("reads entries from %s", (_, reply) => {
  expect(entriesOf(reply)).toEqual(read);
});

test("reads the entries of several streams in their order", () => {
  const reply = [
    [
      "a",
      [
        ["1-0", []],
        ["2-0", []],
      ],
    ],
    ["b", [["1-0", []]]],
  ];

  expect(entriesOf(reply).map(({ stream, id }) => `${stream} ${id}`)).toEqual([
    "a 1-0",
    "a 2-0",
    "b 1-0",
  ]);
});

test("hands on an entry empty that was deleted while it was pending", () => {
  const emptied = { stream: "s", id: "1-0", fields: new Map() };
  expect(entriesOf([["s", [["1-0", null], entry]]])).toEqual([emptied, ...read]);
});

test("finds no entry where there is none", () => {
  const replies = [null, undefined, "OK", [], {}, [["s", null]]];

  expect(replies.map(entriesOf)).toEqual(replies.map(() => []));
});

test("reads fields as names and values, and nothing from what is no list", () => {
  expect(fieldsOf(["a", 1, "b"])).toEqual(new Map([["a", "1"]]));
  expect(fieldsOf(null)).toEqual(new Map());
});

test("a pause ends as soon as its signal fires, also when it had fired before", async () => {
  const abort = new AbortController();
  const pausing = pause(3_600_000, abort.signal);
  abort.abort();

  await pausing;
  await pause(3_600_000, abort.signal);
});
