"""A Lambda function: says whether a number is even, and how it is called."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    number = int(str(event["number"]))
    return {"even": number % 2 == 0, "number": number, "text": f"number {number}"}
