"""Run the provider in containers as a child process: requests on standard input, see ``ackord.host.child_process``."""

from __future__ import annotations

from ..supervisor.supervisor import run_supervisor
from .container_deployment import ContainerDeployment


def main() -> None:
    run_supervisor(ContainerDeployment())


if __name__ == "__main__":
    main()
