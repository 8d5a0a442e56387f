"""The rooms of docs/architecture.md: who may use whom, where a library lives, how long a file may be."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
CMAKE = (TOP / "CMakeLists.txt").read_text()

# header prefix → the rooms that may include it
HOMES = {
    "CLI/": {"app", "commands"},
    "yaml-cpp/": {"yaml"},
    "openssl/": {"stream"},
    "zlib.h": {"stream"},
    "isa-l": {"stream"},
    "curl/": {"host"},
    "libpq-fe.h": {"host"},
    "mysql.h": {"host"},
    "pugixml.hpp": {"host"},
}


def rooms():
    """The table of CMakeLists.txt: room → rooms it may use."""
    table = {}
    for match in re.finditer(r"^flowlet_(?:room|program)\((?:flowletctl )?(\w+)\s*([^)]*)\)", CMAKE, re.M):
        uses = re.search(r"USES ([a-z ]+)", match.group(2))
        table[match.group(1)] = set(uses.group(1).split()) if uses else set()
    return table


def sources():
    for folder in ("src", "include/flowlet"):
        for path in sorted((TOP / folder).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                yield path


def room_of(path):
    relative = path.relative_to(TOP)
    # A face may be a folder of headers, too: include/flowlet/host/.
    return relative.parts[2].removesuffix(".h") if relative.parts[0] == "include" else relative.parts[1]


def includes(path):
    return re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(), re.M)


def test_the_table_names_every_folder_and_every_face():
    table = rooms()
    folders = {path.name for path in (TOP / "src").iterdir() if path.is_dir()}
    faces = {path.stem for path in (TOP / "include/flowlet").iterdir()}
    assert folders == set(table)
    assert faces == set(table) - {"app"}


def test_arrows_only_point_down():
    table = rooms()
    order = list(table)
    wrong = [
        f"{room} uses {used}, which stands below it in the table"
        for room in order
        for used in table[room]
        if order.index(used) >= order.index(room)
    ]
    assert wrong == []


def test_a_room_includes_only_the_rooms_it_may_use():
    table = rooms()
    wrong = []
    for path in sources():
        room = room_of(path)
        for name in includes(path):
            parts = name.split("/")
            other = parts[1].removesuffix(".h") if parts[0] == "flowlet" else parts[0] if parts[0] in table else None
            if other and other != room and other not in table[room]:
                wrong.append(f"{path.relative_to(TOP)} includes {name}")
            if other and other != room and parts[0] != "flowlet":
                wrong.append(f"{path.relative_to(TOP)} reaches into {name}")
    assert wrong == []


def test_each_library_is_included_only_in_its_home():
    wrong = []
    for path in sources():
        for name in includes(path):
            for prefix, homes in HOMES.items():
                if name.startswith(prefix) and room_of(path) not in homes:
                    wrong.append(f"{path.relative_to(TOP)} includes {name}")
    assert wrong == []


def test_of_commands_only_options_know_the_command_line_library():
    wrong = [
        str(path.relative_to(TOP))
        for path in (TOP / "src/commands").rglob("*.cpp")
        if path.name != "options.cpp" and any(name.startswith("CLI/") for name in includes(path))
    ]
    assert wrong == []


def test_public_headers_include_the_standard_library_only():
    wrong = []
    for path in (TOP / "include/flowlet").glob("*.h"):
        for name in includes(path):
            if not (name.startswith("flowlet/") or name == "nlohmann/json_fwd.hpp" or re.fullmatch(r"[a-z_]+", name)):
                wrong.append(f"{path.name} includes {name}")
    assert wrong == []


def test_no_file_passes_400_lines():
    paths = list(sources()) + [p for p in (TOP / "tests").rglob("*") if p.suffix in (".cpp", ".h", ".py")]
    long = {str(p.relative_to(TOP)): n for p in paths if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_no_shell_is_started():
    wrong = [
        f"{path.relative_to(TOP)}: {match}"
        for path in sources()
        for match in re.findall(r'\b(?:system|popen)\s*\(|"(?:sh|bash)",\s*"-c"', path.read_text())
    ]
    assert wrong == []


def test_no_command_knows_of_dry_runs():
    wrong = [
        str(path.relative_to(TOP))
        for path in (TOP / "src/commands").rglob("*.cpp")
        if re.search(r"dry.run", path.read_text().split("footer(")[0], re.I)
    ]
    assert wrong == []


def test_every_source_of_a_room_has_the_room_in_its_tests():
    missing = [room for room in rooms() if room != "app" and not list((TOP / "tests/unit" / room).glob("*.cpp"))]
    assert missing == []
