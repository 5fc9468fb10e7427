"""What the containers are made of: read from arguments, the environment, and the defaults."""

from __future__ import annotations

import pytest

from ackord.errors import UsageError
from ackord.providers.containers.docker_settings import DockerSettings


def test_an_argument_goes_before_the_environment_and_that_before_the_default() -> None:
    environment = {"ACKORD_DOCKER_POSTGRES_IMAGE": "ours:1", "ACKORD_DOCKER_MEMORY_MB": "256"}
    read = DockerSettings.read({"memory_mb": 128}, environment)
    assert (read.postgres_image, read.memory_mb) == ("ours:1", 128)
    assert read.toxiproxy_image == DockerSettings().toxiproxy_image


def test_the_default_images_name_no_host_of_a_registry() -> None:
    images = (DockerSettings().postgres_image, DockerSettings().toxiproxy_image, DockerSettings().provider_image)
    assert not [image for image in images if "." in image.partition("/")[0].partition(":")[0]]


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no setting memory_gb; there is postgres_image"):
        DockerSettings.read({"memory_gb": 1}, {})


@pytest.mark.parametrize("value", ["much", "-1", "nan", ""])
def test_a_limit_that_is_no_number_is_refused(value: str) -> None:
    if not value:  # an empty variable is as good as none
        assert DockerSettings.read({}, {"ACKORD_DOCKER_CPUS": value}) == DockerSettings()
        return
    with pytest.raises(UsageError, match="ACKORD_DOCKER_CPUS must be a number of 0 or more"):
        DockerSettings.read({}, {"ACKORD_DOCKER_CPUS": value})
