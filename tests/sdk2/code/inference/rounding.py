"""A module beside the inference script."""


def rounded(value: float) -> float:
    return round(value, 2)
