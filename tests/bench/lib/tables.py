"""What was measured, as Markdown."""
import os
import pathlib
import platform
import statistics


def machine():
    memory = pathlib.Path("/proc/meminfo").read_text().split()[1]
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    return f"{os.cpu_count()} cores, {round(int(memory) / 2**20)} GiB, {system}, Linux {platform.release()}"


def spread(values, digits):
    low, high = min(values), max(values)
    return [f"{value:.{digits}f}" for value in (low, statistics.median(values), high)]


def row(cells):
    return "| " + " | ".join(cells) + " |"


def verdict(good):
    return "reached" if good else "missed"


def render(result):
    """The ratio is that of each pair of a round, and of these the median."""
    base_name, base = next(iter(result.sides.items()))
    title = f"### {result.title} ({len(base)} rounds, load {min(result.loads):.1f} to {max(result.loads):.1f})"
    lines = [title, "", row(["", "min s", "median s", "max s", "CPU s", "requests", "times faster", "target"]), row(["---"] * 8)]
    for name, taken in result.sides.items():
        cells = [name, *spread([one.wall for one in taken], 3), f"{statistics.median(one.cpu for one in taken):.2f}"]
        counts = [one.requests for one in taken if one.requests is not None]
        cells.append(f"{statistics.median(counts):.0f}" if counts else "")
        if name == base_name:
            cells += ["", ""]
        else:
            ratios = [before.wall / after.wall for before, after in zip(base, taken, strict=True)]
            ratio, wanted = statistics.median(ratios), result.targets[name]
            cells += [f"{ratio:.1f} ({min(ratios):.1f} to {max(ratios):.1f})", f"≥ {wanted}: {verdict(ratio >= wanted)}"]
        lines.append(row(cells))
    return "\n".join(lines + render_tails(result))


def render_tails(result):
    if not result.tails:
        return []
    lines = ["", row(["", "min ms", "median ms", "max ms", "target"]), row(["---"] * 5)]
    for name, seconds in result.tails.items():
        target = result.tail_targets.get(name)
        told = f"≤ {target * 1000:.0f}: {verdict(statistics.median(seconds) <= target)}" if target else ""
        lines.append(row([name, *spread([second * 1000 for second in seconds], 0), told]))
    return lines


def render_build(measured):
    lines = ["### Build (no ccache)", "", row(["", "s", "load before", "target"]), row(["---"] * 4)]
    for name, seconds, load, limit in measured:
        lines.append(row([name, f"{seconds:.1f}", f"{load:.1f}", f"≤ {limit}: {verdict(seconds <= limit)}"]))
    return "\n".join(lines)
