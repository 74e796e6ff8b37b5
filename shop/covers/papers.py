"""Tiles for patterned papers and borders: SVG elements in a square of 60 units, in two colours."""


def scales(ground: str, figure: str) -> str:
    arcs = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius}"/>'
        for y in (0, 15, 30, 45, 60, 75)
        for x in ((0, 60) if y % 30 else (30,))
        for radius in (30, 20, 10)
    )
    return _ground(ground) + f'<g fill="{ground}" stroke="{figure}" stroke-width="3.4">{arcs}</g>'


def petals(ground: str, figure: str) -> str:
    petal = "M30 30Q10 22 0 0Q22 10 30 30zM30 30Q50 22 60 0Q38 10 30 30z"
    petal += "M30 30Q50 38 60 60Q38 50 30 30zM30 30Q10 38 0 60Q22 50 30 30z"
    return (
        _ground(ground)
        + f'<path d="{petal}" fill="{figure}"/>'
        + _dots(figure, 5, (30, 0), (0, 30), (30, 60), (60, 30))
    )


def stars(ground: str, figure: str) -> str:
    star = "l4.5 12.5 12.5 4.5-12.5 4.5-4.5 12.5-4.5-12.5-12.5-4.5 12.5-4.5z"
    both = "".join(f"M{x} {y}{star}" for x, y in ((15, -2), (45, 28)))
    return _ground(ground) + f'<path d="{both}" fill="{figure}"/>' + _dots(figure, 3.5, (45, 15), (15, 45))


def chevrons(ground: str, figure: str) -> str:
    lines = "".join(f"M-6 {y}L30 {y - 30}L66 {y}" for y in (20, 50, 80))
    return _ground(ground) + f'<path d="{lines}" fill="none" stroke="{figure}" stroke-width="10"/>'


def lattice(ground: str, figure: str) -> str:
    diamonds = "M0 20l10 10-10 10-10-10zM60 20l10 10-10 10-10-10z"
    cross = f'<path d="M0 0L60 60M60 0L0 60" stroke="{figure}" stroke-width="3.4"/>'
    return (
        _ground(ground)
        + cross
        + f'<path d="{diamonds}" fill="{figure}"/>'
        + _dots(figure, 7, (30, 0), (30, 60))
    )


def leaves(ground: str, figure: str) -> str:
    leaf = "l-1-56h2zM{x} {y}m0-34q-19-2-13-20q14 4 13 20zm0 0q19-2 13-20q-14 4-13 20z"
    data = "".join(f"M{x} {y}" + leaf.format(x=x, y=y) for x, y in ((15, 58), (45, 88), (45, 28)))
    return _ground(ground) + f'<path d="{data}" fill="{figure}"/>'


def windmills(ground: str, figure: str) -> str:
    quarters = "M0 0h30a30 30 0 0 1-30 30zM60 60h-30a30 30 0 0 1 30-30z"
    quarters += "M30 30h30a30 30 0 0 0-30-30zM30 30h-30a30 30 0 0 0 30 30z"
    return _ground(ground) + f'<path d="{quarters}" fill="{figure}"/>'


def rosettes(ground: str, figure: str) -> str:
    """One flower to a block, with a rule around it: made for borders."""
    petal = "".join(
        f"M30 30Q{a} {b} {c} {d}Q{e} {f} 30 30z"
        for a, b, c, d, e, f in (
            (18, 16, 30, 5, 42, 16),
            (44, 18, 55, 30, 44, 42),
            (42, 44, 30, 55, 18, 44),
            (16, 42, 5, 30, 16, 18),
        )
    )
    corners = _dots(figure, 4, (9, 9), (51, 9), (9, 51), (51, 51))
    return (
        _ground(ground)
        + f'<path d="{petal}" fill="{figure}"/>{corners}<circle cx="30" cy="30" r="5" fill="{ground}"/>'
    )


def diamonds(ground: str, figure: str) -> str:
    """A stone set in a block: made for borders."""
    data = "M30 3L57 30L30 57L3 30zM30 14L14 30L30 46L46 30z"
    return (
        _ground(ground)
        + f'<path d="{data}" fill="{figure}" fill-rule="evenodd"/>'
        + _dots(figure, 6, (30, 30))
        + _dots(figure, 5, (0, 0), (60, 0), (0, 60), (60, 60))
    )


def _ground(colour: str) -> str:
    return f'<rect width="60" height="60" fill="{colour}"/>'


def _dots(colour: str, radius: float, *places: tuple[int, int]) -> str:
    return "".join(f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>' for x, y in places)


PAPERS = (scales, petals, stars, chevrons, lattice, leaves, windmills)
BORDERS = (rosettes, diamonds, petals)
