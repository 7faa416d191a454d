"""The whole service as a process: it serves, works, is killed, and goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from api.serve import serve
from api.settings import Settings
from matcher.errors import CodedError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from api.serve import serve; serve(port=0, instance=sys.argv[1], workers=int(sys.argv[2]), on_ready=lambda a: print(a, flush=True))"
WORKER = "import sys; from api.worker import run_worker; run_worker(sys.argv[1])"
PATIENCE = 40.0


class Server:
    """`matcher serve` in a process."""

    def __init__(self, instance, workers=1):
        self.process = start(PROGRAM, instance, str(workers))
        self.address = self.process.stdout.readline().decode().strip().rstrip("/")
        assert self.address.startswith("http://127.0.0.1:")

    def call(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())

    def hand_in(self, behaviour, seconds=None):
        query = "" if seconds is None else f"?seconds={seconds}"
        return self.call(f"/api/v1/batches{query}", {"round": {"name": f"behave={behaviour}"}})["links"]["self"]

    def wait(self, place, *wanted, stage=None):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            batch = self.call(place)
            if batch["status"] in wanted and (stage is None or (batch["progress"] or {}).get("stage") == stage):
                return batch
            time.sleep(0.05)
        raise AssertionError(f"waited {PATIENCE} s for {wanted}")

    def end(self, signum=signal.SIGTERM):
        self.process.send_signal(signum)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


def start(program, *arguments):
    environment = {**os.environ, "MATCHER_ENGINE": "tests.api.fake_engine", "MATCHER_LEASE_SECONDS": "3", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, env=environment, cwd=ROOT)


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "instance"


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_killed_service_loses_no_accepted_batch(instance):
    server = Server(instance)
    running, waiting = server.hand_in("slow", 1.2), server.hand_in("solve")
    server.wait(running, "running", stage="solve")
    server.end(signal.SIGKILL)
    again = Server(instance)
    try:
        assert again.wait(running, "done")["attempts"] == 2
        assert again.wait(waiting, "done")["attempts"] == 1
    finally:
        assert again.end() == 0


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_stopped_service_ends_well_and_gives_its_batch_back(instance):
    server = Server(instance)
    place = server.hand_in("slow", 1)
    server.wait(place, "running", stage="solve")
    assert server.end(signal.SIGTERM) == 0
    again = Server(instance)
    try:
        assert again.wait(place, "done")["attempts"] == 1
    finally:
        again.end()


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_worker_of_its_own_does_the_work_and_another_takes_over_when_it_is_killed(instance):
    server = Server(instance, workers=0)
    place = server.hand_in("slow", 1.2)
    worker = start(WORKER, instance)
    try:
        server.wait(place, "running", stage="solve")
        worker.kill()
        worker.wait()
        worker.stdout.close()
        worker = start(WORKER, instance)
        assert server.wait(place, "done")["attempts"] == 2
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
        worker.stdout.close()
        server.end()


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_ten_people_at_once_are_all_served_and_ctrl_c_ends_well(instance):
    server = Server(instance)
    places = []
    threads = [threading.Thread(target=lambda: places.append(server.hand_in("solve"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 10
    assert {server.wait(place, "done")["attempts"] for place in places} == {1}
    assert server.end(signal.SIGINT) == 0


def test_a_taken_port_is_told_in_a_sentence(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CodedError, match="cannot listen"):
        serve(port=taken.getsockname()[1], settings=settings)
    assert isinstance(settings, Settings)
