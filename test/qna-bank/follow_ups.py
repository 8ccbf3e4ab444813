"""Conversations: each ends with a question that leaves out what was said before.

FIRST was used while the analyst learnt to go on from a question. SECOND was written at the same
time and looked at only afterwards. The number is that of the last question; REFUSED means that
nothing before says which variable, time or limit is meant, or that the run cannot tell.
"""

from strangers import REFUSED

FIRST = {
    "sir": [
        (["What is the peak of infectious?", "And its time?"], lambda r: r.argmax("infectious")),
        (["What is the peak of infectious?", "and when?"], lambda r: r.argmax("infectious")),
        (["What is the peak of infectious?", "When is that?"], lambda r: r.argmax("infectious")),
        (["When does infectious peak?", "And how high is it?"], lambda r: r.max("infectious")),
        (["When does infectious peak?", "and what is its value at the end?"], lambda r: r.last("infectious")),
        (["What is the peak of infectious?", "And the minimum?"], lambda r: r.min("infectious")),
        (["What is the peak of infectious?", "What about recovered?"], lambda r: r.max("recovered")),
        (["What is infectious at day 90?", "and recovered?"], lambda r: r.at("recovered", 90)),
        (["What is infectious at day 90?", "And at day 30?"], lambda r: r.at("infectious", 30)),
        (["What is infectious at day 90?", "and at the end?"], lambda r: r.last("infectious")),
        (["What is the average of infectious?", "and in the first 30 days?"], lambda r: r.mean("infectious", 0, 30)),
        (["What is the average of infectious in the first 30 days?", "And the maximum?"], lambda r: r.max("infectious", 0, 30)),
        (["When does infectious exceed 1000?", "And the last time?"], lambda r: r.when("infectious", lambda v: v > 1000, "last")),
        (["When does infectious exceed 1000?", "and above 500?"], lambda r: r.when("infectious", lambda v: v > 500)),
        (["How long is infectious above 1000?", "And above 500?"], lambda r: r.how_long("infectious", lambda v: v > 500)),
        (["What is the peak of infectious?", "How many are recovered then?"], lambda r: r.at("recovered", r.argmax("infectious"))),
        (["What is the peak of infectious, and when does it occur?", "And of recovered?"], lambda r: r.max("recovered")),
        (["What is the peak of infectious?", "And what about recovered?", "and its time?"], lambda r: r.argmax("recovered")),
        (["What is the peak of infectious?", "What is it at day 60?", "and at day 70?"], lambda r: r.at("infectious", 70)),
        (["What is the peak of infectious?", "Does it ever exceed 1000?"], lambda r: r.when("infectious", lambda v: v > 1000)),
        (["What is the total of infection?", "and of recovery?"], lambda r: r.area("recovery")),
        (["What is the total of infection?", "and of infectious?"], REFUSED),
        (["Which is higher at day 60, infectious or recovered?", "What is its peak?"], REFUSED),
        (["What is the peak of infectious?", "and of vaccinated?"], REFUSED),
        (["What is the peak of infectious?", "And why?"], REFUSED),
        (["What is the peak of infectious?", "and at day 400?"], REFUSED),
        (["And its time?"], REFUSED),
        (["How are you?", "and its time?"], REFUSED),
    ],
    "predator-prey": [
        (["What is the minimum of prey?", "and of predators?"], lambda r: r.min("predators")),
        (["What is the minimum of prey?", "When does it occur?"], lambda r: r.argmin("prey")),
    ],
}

SECOND = {
    "sir": [
        (["What is the maximum of infectious?", "At what time?"], lambda r: r.argmax("infectious")),
        (["What is the maximum of infectious?", "on which day?"], lambda r: r.argmax("infectious")),
        (["On which day does infectious peak?", "and what is the value?"], lambda r: r.max("infectious")),
        (["What is susceptible at the end?", "And at the start?"], lambda r: r.first("susceptible")),
        (["What is susceptible at the end?", "how about infectious?"], lambda r: r.last("infectious")),
        (["What is susceptible at the end?", "What is its average?"], lambda r: r.mean("susceptible")),
        (["What is the peak of infectious?", "and its average in the last 20 days?"], lambda r: r.mean("infectious", 160, 180)),
        (["What is the peak of infectious?", "ok, and the median?"], lambda r: r.median("infectious")),
        (["What is the mean of infectious between day 20 and day 40?", "and recovered?"], lambda r: r.mean("recovered", 20, 40)),
        (["When is susceptible below 5000?", "And below 2000?"], lambda r: r.when("susceptible", lambda v: v < 2000)),
        (["When does infectious first exceed 500?", "and recovered?"], lambda r: r.when("recovered", lambda v: v > 500)),
        (["How long does infectious stay above 500?", "So how long is it above 1500?"], lambda r: r.how_long("infectious", lambda v: v > 1500)),
        (["When does infectious peak?", "What is susceptible at that time?"], lambda r: r.at("susceptible", r.argmax("infectious"))),
        (["What is infectious at day 30?", "and susceptible at the same time?"], lambda r: r.at("susceptible", 30)),
        (["What is infectious at day 30?", "By how much does it change between day 30 and day 40?"], lambda r: r.at("infectious", 40) - r.at("infectious", 30)),
        (["What is the peak of infectious?", "Now for recovered."], lambda r: r.max("recovered")),
        (["What is contact rate?", "and infectivity?"], lambda r: r.first("infectivity")),
        (["What is the peak of infectious?", "what is infectivity?", "and its time?"], REFUSED),
        (["What is the peak of infectious?", "and tomorrow?"], REFUSED),
        (["What is the peak of infectious?", "Is that a lot?"], REFUSED),
        (["What is the peak of infectious?", "and in percent?"], REFUSED),
        (["What share of the population is recovered at day 90?", "And at day 30?"], lambda r: 100 * r.at("recovered", 30) / r.at("population", 30)),
        (["What is the ratio of infectious to recovered at day 60?", "and the other one?"], REFUSED),
        (["When does infectious exceed 1000?", "and of the budget?"], REFUSED),
    ],
    "supply-chain": [
        (["What is the minimum of inventory?", "and when is it?"], lambda r: r.argmin("inventory")),
        (["What is the minimum of inventory?", "And its maximum?"], lambda r: r.max("inventory")),
    ],
    "cooling-cup": [
        (["When does temperature fall below 60?", "and below 40?"], lambda r: r.falls_below("temperature", 40)),
    ],
}
