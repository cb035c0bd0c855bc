"""A module beside the entry script."""


def slope(x: list[float], y: list[float]) -> float:
    """The least-squares slope."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)
