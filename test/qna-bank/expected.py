#!/usr/bin/env python3
"""Computes the numbers that the questions about the shipped models have.

Independent of the analyst: it reads what `aimie-console model run MODEL --csv` prints and knows
nothing of SQL or of how questions are understood. Run it from the top of the checkout when a
model or a question changes; it writes test/qna-bank/expected.json and, of the questions in
strangers.py and follow_ups.py, strangers.json and follow-ups.json.
"""
import csv
import io
import json
import pathlib
import statistics
import subprocess

import follow_ups
from strangers import FIRST, REFUSED, SECOND, THIRD

HERE = pathlib.Path(__file__).parent
TOP = HERE.parent.parent


class Run:
    """The saved rows of a model's run."""

    def __init__(self, model):
        text = subprocess.run(
            [TOP / "node_modules/.bin/node", TOP / "bin/aimie-console.js", "model", "run"]
            + [TOP / "models" / f"{model}.xmile", "--csv"],
            check=True, capture_output=True, text=True,
        ).stdout
        rows = list(csv.reader(io.StringIO(text)))
        self.columns = {name: [float(row[at]) for row in rows[1:]] for at, name in enumerate(rows[0])}
        self.time = self.columns["time"]

    def cut(self, name, start=None, end=None):
        """Times and values within a window, both ends included."""
        pairs = zip(self.time, self.columns[name])
        return [
            (t, v) for t, v in pairs
            if (start is None or t >= start) and (end is None or t <= end)
        ]

    def max(self, name, start=None, end=None):
        return max(v for _, v in self.cut(name, start, end))

    def min(self, name, start=None, end=None):
        return min(v for _, v in self.cut(name, start, end))

    def argmax(self, name, start=None, end=None):
        top = self.max(name, start, end)
        return next(t for t, v in self.cut(name, start, end) if v == top)

    def argmin(self, name, start=None, end=None):
        low = self.min(name, start, end)
        return next(t for t, v in self.cut(name, start, end) if v == low)

    def at(self, name, time):
        return next(v for t, v in self.cut(name) if t == time)

    def first(self, name):
        return self.columns[name][0]

    def last(self, name):
        return self.columns[name][-1]

    def mean(self, name, start=None, end=None):
        return statistics.fmean(v for _, v in self.cut(name, start, end))

    def median(self, name, start=None, end=None):
        return statistics.median(v for _, v in self.cut(name, start, end))

    def area(self, name, start=None, end=None):
        """The integral over time by trapezoids."""
        rows = self.cut(name, start, end)
        return sum((t2 - t1) * (v1 + v2) / 2 for (t1, v1), (t2, v2) in zip(rows, rows[1:]))

    def change(self, name, start, end):
        return self.at(name, end) - self.at(name, start)

    def when(self, name, holds, which="first"):
        times = [t for t, v in self.cut(name) if holds(v)]
        return None if not times else times[0 if which == "first" else -1]

    def falls_below(self, name, level):
        rows = self.cut(name)
        return next((t2 for (_, v1), (t2, v2) in zip(rows, rows[1:]) if v2 < level <= v1), None)

    def last_fall_below(self, name, level):
        rows = self.cut(name)
        return [t2 for (_, v1), (t2, v2) in zip(rows, rows[1:]) if v2 < level <= v1][-1]

    def when_above(self, name, other):
        pairs = zip(self.time, self.columns[name], self.columns[other])
        return next((t for t, a, b in pairs if a > b), None)

    def how_long(self, name, holds):
        """How long a condition holds: each saved moment stands for the step after it."""
        step = self.time[1] - self.time[0]
        return sum(step for t, v in self.cut(name) if holds(v) and t < self.time[-1])


QUESTIONS = {
    "sir": [
        ("I'd like to know the peak of infectious", lambda r: r.max("infectious")),
        ("Hi, what is the peak of infectious?", lambda r: r.max("infectious")),
        ("Show the maximum of infectious", lambda r: r.max("infectious")),
        ("On which day are most people infectious?", lambda r: r.argmax("infectious")),
        ("How many people are sick at most?", lambda r: r.max("infectious")),
        ("How long does it take until the epidemic peaks?", lambda r: r.argmax("infectious")),
        ("How long before infectious falls below 10?", lambda r: r.falls_below("infectious", 10)),
        ("When does recovery exceed infection?", lambda r: r.when_above("recovery", "infection")),
        ("How many people are still infectious on day 100?", lambda r: r.at("infectious", 100)),
        ("How much larger is recovered than susceptible at the end?", lambda r: r.last("recovered") - r.last("susceptible")),
        ("What is the peak of infectious?", lambda r: r.max("infectious")),
        ("How many people are sick at the peak?", lambda r: r.max("infectious")),
        ("What's the highest number of infectious people?", lambda r: r.max("infectious")),
        ("How high does infectious get?", lambda r: r.max("infectious")),
        ("What is the largest number of people infectious at once?", lambda r: r.max("infectious")),
        ("maximum infectious", lambda r: r.max("infectious")),
        ("max of infectious", lambda r: r.max("infectious")),
        ("infectious peak", lambda r: r.max("infectious")),
        ("What is the maximum infection?", lambda r: r.max("infection")),
        ("When does the epidemic peak?", lambda r: r.argmax("infectious")),
        ("When is the peak of infectious reached?", lambda r: r.argmax("infectious")),
        ("On what day does infectious reach its maximum?", lambda r: r.argmax("infectious")),
        ("When is infectious the highest?", lambda r: r.argmax("infectious")),
        ("How many days until infectious peaks?", lambda r: r.argmax("infectious")),
        ("When does the peak of infectious happen?", lambda r: r.argmax("infectious")),
        ("At which time does infection peak?", lambda r: r.argmax("infection")),
        ("Day of the infectious peak?", lambda r: r.argmax("infectious")),
        ("What is the final value of recovered?", lambda r: r.last("recovered")),
        ("How many people have recovered at the end?", lambda r: r.last("recovered")),
        ("How many people are still susceptible at the end?", lambda r: r.last("susceptible")),
        ("How many susceptible people are left at the end of the run?", lambda r: r.last("susceptible")),
        ("What value does susceptible end at?", lambda r: r.last("susceptible")),
        ("What does recovered end up at?", lambda r: r.last("recovered")),
        ("What is the attack rate at the end?", lambda r: r.last("attack rate")),
        ("What is the final attack rate?", lambda r: r.last("attack rate")),
        ("What is r0?", lambda r: r.last("r0")),
        ("How large is R0?", lambda r: r.last("r0")),
        ("What is the contact rate?", lambda r: r.last("contact rate")),
        ("What is the infectious period?", lambda r: r.last("infectious period")),
        ("What is infectious on day 50?", lambda r: r.at("infectious", 50)),
        ("How many people are infectious at day 50?", lambda r: r.at("infectious", 50)),
        ("infectious at day 50", lambda r: r.at("infectious", 50)),
        ("Value of susceptible at t=25", lambda r: r.at("susceptible", 25)),
        ("How many are recovered after 60 days?", lambda r: r.at("recovered", 60)),
        ("When does infectious first go above 500?", lambda r: r.when("infectious", lambda v: v > 500)),
        ("When does infectious exceed 1000 people for the first time?", lambda r: r.when("infectious", lambda v: v > 1000)),
        ("When is infectious last above 1000?", lambda r: r.when("infectious", lambda v: v > 1000, "last")),
        ("When does infectious drop back below 100?", lambda r: r.falls_below("infectious", 100)),
        ("When does susceptible fall under 5000?", lambda r: r.falls_below("susceptible", 5000)),
        ("How long is infectious above 1000?", lambda r: r.how_long("infectious", lambda v: v > 1000)),
        ("For how many days is infectious over 1000?", lambda r: r.how_long("infectious", lambda v: v > 1000)),
        ("Does infectious ever exceed 3000?", lambda r: None),
        ("When does recovered overtake susceptible?", lambda r: r.when_above("recovered", "susceptible")),
        ("When does recovered become greater than susceptible?", lambda r: r.when_above("recovered", "susceptible")),
        ("What is the average of infectious between day 20 and day 60?", lambda r: r.mean("infectious", 20, 60)),
        ("What is the average infectious?", lambda r: r.mean("infectious")),
        ("Average number of infectious people?", lambda r: r.mean("infectious")),
        ("What is the total infection over the whole run?", lambda r: r.area("infection")),
        ("What is the total of infection in the first 50 days?", lambda r: r.area("infection", 0, 50)),
        ("How much does recovered grow from day 20 to day 40?", lambda r: r.change("recovered", 20, 40)),
        ("By how much does susceptible decrease from day 0 to day 50?", lambda r: r.change("susceptible", 0, 50)),
        ("What fraction of the population has recovered by the end?", lambda r: 100 * r.last("recovered") / r.last("population")),
        ("What percentage of the population is infectious at the peak?", lambda r: 100 * r.max("infectious") / r.last("population")),
        ("What is susceptible when infectious peaks?", lambda r: r.at("susceptible", r.argmax("infectious"))),
        ("How many people are susceptible when infectious is at its maximum?", lambda r: r.at("susceptible", r.argmax("infectious"))),
        ("Which is larger at the end, susceptible or recovered?", lambda r: max(r.last("susceptible"), r.last("recovered"))),
    ],
    "supply-chain": [
        ("What is inventory's lowest point?", lambda r: r.min("inventory")),
        ("How long does inventory stay below 250?", lambda r: r.how_long("inventory", lambda v: v < 250)),
        ("Which week has the lowest inventory?", lambda r: r.argmin("inventory")),
        ("Total shipments in the first 10 weeks", lambda r: r.area("shipments", 0, 10)),
        ("average orders weeks 10 to 20", lambda r: r.mean("orders", 10, 20)),
        ("How many units are on backlog at week 12?", lambda r: r.at("backlog", 12)),
        ("What was the spread of orders between week 10 and week 40?", lambda r: statistics.pstdev([v for _, v in r.cut("orders", 10, 40)])),
        ("What is the lowest inventory?", lambda r: r.min("inventory")),
        ("What is the minimum inventory?", lambda r: r.min("inventory")),
        ("What is the smallest value of inventory?", lambda r: r.min("inventory")),
        ("How low does inventory get?", lambda r: r.min("inventory")),
        ("When is inventory lowest?", lambda r: r.argmin("inventory")),
        ("When is inventory at its minimum?", lambda r: r.argmin("inventory")),
        ("When does inventory hit bottom?", lambda r: r.argmin("inventory")),
        ("In which week does inventory bottom out?", lambda r: r.argmin("inventory")),
        ("What is the largest backlog?", lambda r: r.max("backlog")),
        ("What is the peak backlog?", lambda r: r.max("backlog")),
        ("What is the biggest backlog?", lambda r: r.max("backlog")),
        ("How big does the backlog get?", lambda r: r.max("backlog")),
        ("When does the backlog peak?", lambda r: r.argmax("backlog")),
        ("When are orders highest?", lambda r: r.argmax("orders")),
        ("What is the peak of orders?", lambda r: r.max("orders")),
        ("What is the maximum of the supply line?", lambda r: r.max("supply line")),
        ("What is the inventory at week 20?", lambda r: r.at("inventory", 20)),
        ("How much inventory is there in week 20?", lambda r: r.at("inventory", 20)),
        ("How much inventory is there at the end?", lambda r: r.last("inventory")),
        ("How many units are in inventory at week 30?", lambda r: r.at("inventory", 30)),
        ("What is the initial inventory?", lambda r: r.first("inventory")),
        ("What does inventory start at?", lambda r: r.first("inventory")),
        ("What is the average inventory?", lambda r: r.mean("inventory")),
        ("What is the mean backlog from week 10 to week 30?", lambda r: r.mean("backlog", 10, 30)),
        ("What is the median of orders?", lambda r: r.median("orders")),
        ("What is the total of shipments?", lambda r: r.area("shipments")),
        ("What are the total shipments?", lambda r: r.area("shipments")),
        ("What is the total of shipments between week 10 and week 20?", lambda r: r.area("shipments", 10, 20)),
        ("What is the expected demand at week 15?", lambda r: r.at("expected demand", 15)),
        ("What is the demand step?", lambda r: r.last("demand step")),
        ("What is the target delivery delay?", lambda r: r.last("target delivery delay")),
        ("When does inventory first fall below 250?", lambda r: r.falls_below("inventory", 250)),
        ("When does the inventory drop under 280 units?", lambda r: r.falls_below("inventory", 280)),
        ("When does inventory exceed 400?", lambda r: r.when("inventory", lambda v: v > 400)),
        ("When is inventory above 350 for the first time?", lambda r: r.when("inventory", lambda v: v > 350)),
        ("How long is inventory below 250?", lambda r: r.how_long("inventory", lambda v: v < 250)),
        ("How many weeks is inventory under 250?", lambda r: r.how_long("inventory", lambda v: v < 250)),
        ("Does inventory ever fall below 100?", lambda r: None),
        ("How much does expected demand rise between week 10 and week 30?", lambda r: r.change("expected demand", 10, 30)),
        ("What is the inventory when orders peak?", lambda r: r.at("inventory", r.argmax("orders"))),
        ("What is the difference between orders and shipments at week 15?", lambda r: r.at("orders", 15) - r.at("shipments", 15)),
        ("Which peaks first, orders or acquisition?", lambda r: min(r.argmax("orders"), r.argmax("acquisition"))),
        ("What is the service level at its lowest?", lambda r: r.min("service level")),
        ("What is the lowest service level?", lambda r: r.min("service level")),
    ],
    "predator-prey": [
        ("Are there ever more predators than prey?", lambda r: r.when_above("predators", "prey")),
        ("When are there more predators than prey?", lambda r: r.when_above("predators", "prey")),
        ("Is prey ever below 0.5?", lambda r: None),
        ("When does prey last fall below 2?", lambda r: r.last_fall_below("prey", 2)),
        ("What is the range of prey?", lambda r: r.max("prey") - r.min("prey")),
        ("What is the standard deviation of prey?", lambda r: statistics.pstdev(r.columns["prey"])),
        ("By how much did prey change overall?", lambda r: r.change("prey", 0, 60)),
        ("What's the least number of prey?", lambda r: r.min("prey")),
        ("What is the ratio of prey to predators at year 10?", lambda r: r.at("prey", 10) / r.at("predators", 10)),
        ("How many more prey than predators are there at year 10?", lambda r: r.at("prey", 10) - r.at("predators", 10)),
        ("What is the maximum number of prey?", lambda r: r.max("prey")),
        ("What is the peak of prey?", lambda r: r.max("prey")),
        ("What is the peak of predators?", lambda r: r.max("predators")),
        ("When do predators peak?", lambda r: r.argmax("predators")),
        ("When are there the most predators?", lambda r: r.argmax("predators")),
        ("What is the lowest number of predators?", lambda r: r.min("predators")),
        ("When is prey at its lowest?", lambda r: r.argmin("prey")),
        ("In which year is prey at its maximum?", lambda r: r.argmax("prey")),
        ("What is the average number of prey?", lambda r: r.mean("prey")),
        ("What is the mean of predators?", lambda r: r.mean("predators")),
        ("How many prey are there at year 10?", lambda r: r.at("prey", 10)),
        ("How many predators are there after 20 years?", lambda r: r.at("predators", 20)),
        ("How many predators are left at the end?", lambda r: r.last("predators")),
        ("How many prey are there initially?", lambda r: r.first("prey")),
        ("When does prey first exceed 8?", lambda r: r.when("prey", lambda v: v > 8)),
        ("When does prey first fall below 2?", lambda r: r.falls_below("prey", 2)),
        ("How long is prey below 1?", lambda r: r.how_long("prey", lambda v: v < 1)),
        ("When do predators exceed prey?", lambda r: r.when_above("predators", "prey")),
        ("What is the number of prey when predators peak?", lambda r: r.at("prey", r.argmax("predators"))),
        ("Which is larger on average, prey or predators?", lambda r: max(r.mean("prey"), r.mean("predators"))),
        ("What is the hunting rate?", lambda r: r.last("hunting rate")),
        ("What is the predator death rate?", lambda r: r.last("predator death rate")),
        ("What is the total of prey deaths?", lambda r: r.area("prey deaths")),
        ("What is the maximum of predator births?", lambda r: r.max("predator births")),
    ],
    "cooling-cup": [
        ("When does temperature get to 50?", lambda r: r.when("temperature", lambda v: v <= 50)),
        ("When does the temperature cool to 50 degrees?", lambda r: r.when("temperature", lambda v: v <= 50)),
        ("Is the temperature ever below the room temperature?", lambda r: None),
        ("What is the temperature at the end?", lambda r: r.last("temperature")),
        ("What is the temperature after 10 minutes?", lambda r: r.at("temperature", 10)),
        ("What is the temperature in degrees after 10 minutes?", lambda r: r.at("temperature", 10)),
        ("What is the final temperature?", lambda r: r.last("temperature")),
        ("What is the lowest temperature?", lambda r: r.min("temperature")),
        ("When does the temperature fall below 60 degrees?", lambda r: r.falls_below("temperature", 60)),
        ("When does temperature drop below 40?", lambda r: r.falls_below("temperature", 40)),
        ("When does the temperature reach 50?", lambda r: r.when("temperature", lambda v: v <= 50)),
        ("How long does it take until temperature is below 30?", lambda r: r.falls_below("temperature", 30)),
        ("How many minutes until the temperature falls below 60?", lambda r: r.falls_below("temperature", 60)),
        ("How long is temperature above 60?", lambda r: r.how_long("temperature", lambda v: v > 60)),
        ("What is the average temperature in the first 10 minutes?", lambda r: r.mean("temperature", 0, 10)),
        ("How much does the temperature fall between minute 0 and minute 10?", lambda r: r.change("temperature", 0, 10)),
        ("What is the room temperature?", lambda r: r.last("room temperature")),
        ("What is the initial temperature?", lambda r: r.last("initial temperature")),
        ("What is the time constant?", lambda r: r.last("time constant")),
        ("What is the heat loss at the start?", lambda r: r.first("heat loss")),
        ("What is the maximum heat loss?", lambda r: r.max("heat loss")),
        ("When is heat loss largest?", lambda r: r.argmax("heat loss")),
    ],
    "queueing-station": [
        ("How many are waiting at the end?", lambda r: r.last("waiting")),
        ("How high does waiting get?", lambda r: r.max("waiting")),
        ("What is the final number of customers?", lambda r: r.last("customers")),
        ("What is the maximum of waiting?", lambda r: r.max("waiting")),
        ("How many customers are there after 2 hours?", lambda r: r.at("customers", 2)),
        ("When does customers exceed 3?", lambda r: r.when("customers", lambda v: v > 3)),
        ("What is the arrival rate?", lambda r: r.last("arrival rate")),
        ("How many servers are there?", lambda r: r.last("servers")),
        ("What is the average of waiting over the last 4 hours?", lambda r: r.mean("waiting", 20, 24)),
        ("What is the steady waiting?", lambda r: r.last("steady waiting")),
        ("When does waiting first exceed 2?", lambda r: r.when("waiting", lambda v: v > 2)),
    ],
    "option-price": [
        ("What is the price at the end?", lambda r: r.last("price")),
        ("What is the final price?", lambda r: r.last("price")),
        ("What is the exact price at the end?", lambda r: r.last("exact price")),
        ("What is the volatility?", lambda r: r.last("volatility")),
        ("What is the strike?", lambda r: r.last("strike")),
        ("When does price exceed 5?", lambda r: r.when("price", lambda v: v > 5)),
        ("What is price at 0.5 years?", lambda r: r.at("price", 0.5)),
        ("What is the peak of price?", lambda r: r.max("price")),
    ],
}


def entries(runs, questions):
    """A line for every question: its number, or `refused` where the run has none."""
    for model, asked in questions.items():
        for question, number in asked:
            if number is REFUSED:
                yield {"model": model, "question": question, "refused": True}
            else:
                yield {"model": model, "question": question, "expected": number(runs[model])}


def talk_entries(runs, talks):
    """The same of conversations: of each the number of its last question."""
    for entry in entries(runs, talks):
        *earlier, question = entry["question"]
        yield {**entry, "question": question, "earlier": earlier}


def write(name, table):
    (HERE / name).write_text(json.dumps(table, indent=2) + "\n")


def main():
    runs = {model: Run(model) for model in QUESTIONS}
    table = list(entries(runs, QUESTIONS))
    write("expected.json", table)
    sets = {"first": FIRST, "second": SECOND, "third": THIRD}
    strangers = {name: list(entries(runs, asked)) for name, asked in sets.items()}
    write("strangers.json", strangers)
    talks = {"first": follow_ups.FIRST, "second": follow_ups.SECOND}
    write("follow-ups.json", {name: list(talk_entries(runs, asked)) for name, asked in talks.items()})
    print(f"{len(table)} questions, {sum(map(len, strangers.values()))} of strangers")


main()
