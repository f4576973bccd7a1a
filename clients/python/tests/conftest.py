import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support import Peer, Server, Way


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests; none of them kills it."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """One to be killed."""
    started = Server(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    made = Way(server.address)
    yield made
    made.close()


@pytest.fixture
def peer() -> Iterator[Callable[[Callable[[str], object]], Peer]]:
    made: list[Peer] = []

    def start(answer: Callable[[str], object]) -> Peer:
        made.append(Peer(answer))
        return made[-1]

    yield start
    for each in made:
        each.stop()
