#!/usr/bin/env python3
"""A qna agent in one file: it knows nothing but Redis Pub/Sub.

It subscribes to task.qna, answers each question from the summary of the simulation that comes with
the task, and publishes the answer on result.qna. Delivery is the dispatcher's business: start the
console with `--external qna`, and a task is published again when this program was away.

Usage: qna_agent.py [REDIS_URL]     (redis://127.0.0.1:6379, unix:///path/to/redis.sock)
"""
import json
import sys
import time
from datetime import datetime, timezone

import redis

NAME = "python-qna"
TASKS, RESULTS, PROGRESS = "task.qna", "result.qna", "progress.qna"


def answer(question, simulation):
    """The peak of the variable that the question names, or of the first highlighted one."""
    variables = simulation["variables"]
    named = [one for one in variables if one["label"].lower() in question.lower()]
    lit = [one for one in variables if one["name"] in simulation["highlights"]]
    chosen = (named or lit or variables)[0]
    unit = chosen.get("unit")
    text = (
        f"{chosen['label']} peaks at {chosen['maximum']:.6g}"
        f"{' ' + unit if unit else ''} at time {chosen['maximumTime']:.6g}."
    )
    return {
        "status": "answered",
        "question": question,
        "answer": text,
        "value": chosen["maximum"],
        "unit": unit,
        "how": "The largest value in the simulation's summary.",
        "sql": None,
        "suggestions": [],
    }


def envelope(task, kind, number, data):
    """A message about a task: its subject, run, step and attempt are copied from the task."""
    copied = ("subject", "runid", "stepid", "attempt", "sessionid", "correlationid")
    return {
        "specversion": "1.0",
        # The same id for the same message: a repetition of it is taken in once.
        "id": f"{task['subject']}.{NAME}.{number}",
        "source": NAME,
        "type": f"aimie.{kind}.v1",
        "time": datetime.now(timezone.utc).isoformat(),
        **{name: task[name] for name in copied if name in task},
        "causationid": task["id"],
        "data": data,
    }


def work(bus, task):
    started = time.time() * 1000
    said = envelope(task, "progress", "started", {"kind": "started", "worker": NAME})
    bus.publish(PROGRESS, json.dumps(said))
    times = {"worker": NAME, "startedAt": started}
    try:
        given = task["data"]["input"]
        output = answer(given["question"], given["simulation"])
        data = {"status": "succeeded", "output": output, **times}
    except Exception as problem:  # Whatever it is, the run is told.
        failure = {"kind": "tool", "message": f"{type(problem).__name__}: {problem}"}
        data = {"status": "failed", "failure": failure, **times}
    data["finishedAt"] = time.time() * 1000
    bus.publish(RESULTS, json.dumps(envelope(task, "result", "result", data)))
    print(f"answered {task['subject']}", flush=True)


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"
    bus = redis.Redis.from_url(url)
    while True:
        try:
            listening = bus.pubsub(ignore_subscribe_messages=True)
            listening.subscribe(TASKS)
            print(f"listening to {TASKS}", flush=True)
            for message in listening.listen():
                try:
                    task = json.loads(message["data"])
                    if task["subject"] and task["data"]["agent"] == "qna":
                        work(bus, task)
                except (ValueError, KeyError, TypeError):
                    print("ignored what is not a task", flush=True)
        except redis.ConnectionError as problem:
            print(f"reconnecting: {problem}", flush=True)
            time.sleep(0.5)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
