"""How long after the last pod's readiness a deploy ends, by the benchmark's own clock: the server's has only seconds."""
import time

from cluster import Watch
from platform_copy import is_ready
from timing import BenchError


class Readiness:
    """Sees pods and workloads become ready while a deploy runs."""

    def __init__(self, api):
        self.pods, self.workloads = {}, {}
        self.ready_pods = set()
        self.unready = set()
        self.watches = [Watch(api, "/api/v1/pods", self.see_pod)]
        for item in self.watches[0].items["items"]:
            if pod_is_ready(item):
                self.ready_pods.add(item["metadata"]["uid"])
        for kind in ("deployments", "statefulsets"):
            self.watches.append(Watch(api, f"/apis/apps/v1/{kind}", self.see_workload))

    def see_pod(self, now, kind, pod):
        uid = pod["metadata"]["uid"]
        if kind == "DELETED" or not pod_is_ready(pod):
            self.ready_pods.discard(uid)
        elif uid not in self.ready_pods:
            self.ready_pods.add(uid)
            self.pods[uid] = now

    def see_workload(self, now, kind, item):
        uid = item["metadata"]["uid"]
        if kind == "DELETED" or not is_ready(item):
            self.unready.add(uid)
        elif uid in self.unready:
            self.unready.discard(uid)
            self.workloads[uid] = now

    def tails(self, ended):
        """Seconds from the last pod, and from the status of the last workload, until `ended`."""
        for watch in self.watches:
            watch.stop()
        if not self.pods or not self.workloads:
            raise BenchError("no pod became ready during a deploy that changes every service")
        return ended - max(self.pods.values()), ended - max(self.workloads.values())


def pod_is_ready(pod):
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def wait_until_settled(api, limit=120):
    """Old pods are gone and every pod is ready, so that one measurement does not do the cleaning of another."""
    deadline = time.monotonic() + limit
    while True:
        pods = api.get("/api/v1/pods")["items"]
        waiting = [pod["metadata"]["name"] for pod in pods if not pod_is_ready(pod)]
        if not waiting:
            time.sleep(1)
            return
        if time.monotonic() > deadline:
            raise BenchError(f"after {limit} s still not gone or not ready: {', '.join(waiting)}")
        time.sleep(0.2)
