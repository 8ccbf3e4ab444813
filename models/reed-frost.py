"""The chain-binomial epidemic of Reed and Frost, one row a generation as CSV.

Source: H. Abbey, "An examination of the Reed-Frost theory of epidemics", Human Biology 24 (1952),
201-233. Of the susceptible people of a generation each escapes each of the infectious with the
probability 1 - contact; those who do not escape are the infectious of the next generation.
"""
import argparse
import random
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--people", type=float, required=True)
parser.add_argument("--infectious", type=float, required=True)
parser.add_argument("--contact", type=float, required=True)
parser.add_argument("--generations", type=float, required=True)
parser.add_argument("--seed", type=float, required=True)
given = parser.parse_args()

chance = random.Random(int(given.seed))
infectious = int(given.infectious)
susceptible = int(given.people) - infectious
removed = 0
if susceptible < 0:
    sys.exit("there are more infectious people than people")

print("time,susceptible,infectious,removed")
generations = int(given.generations)
for generation in range(generations + 1):
    print(f"{generation},{susceptible},{infectious},{removed}")
    print(f"progress {generation / max(1, generations)}", file=sys.stderr)
    infection = 1 - (1 - given.contact) ** infectious
    infected = sum(chance.random() < infection for _ in range(susceptible))
    removed += infectious
    susceptible -= infected
    infectious = infected
