"""Nine requests to / show each server three times, by header and by footer, and a page is equally long on each."""

from collections import Counter

from support.client import Client
from support.shop import check

for loop in range(3):
    answers = [Client().get("/") for _ in range(9)]
    turns = Counter(answer.server for answer in answers)
    check(turns == {"Server-1": 3, "Server-2": 3, "Server-3": 3}, f"nine requests: {dict(turns)}")
check(all(answer.text.count(f"Served by {answer.server}") == 1 for answer in answers), "each page says once who served it")
check(len({len(answer.body) for answer in answers}) == 1, f"each page has {len(answers[0].body)} bytes")
check(all(answer.headers.get("x-request-id") for answer in answers), "each answer has a request id")
