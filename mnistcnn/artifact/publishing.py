"""Publishes an artifact and its model card on the Hugging Face Hub."""

import os
from types import ModuleType
from typing import Any

from mnistcnn import pages
from mnistcnn.artifact.hub import FILE, endpoint, parse_address
from mnistcnn.artifact.inspection import (
    Artifact,
    check_bytes,
    pretrained_path,
    read_file,
)
from mnistcnn.errors import ConfigError

TASK = "image-classification"


def publish_artifact(
    path: str | os.PathLike[str] | None, address: str, *, private: bool = False
) -> str:
    """Writes an artifact and its model card to a repository on the Hub.

    The repository is created if it does not exist, with the account that is
    logged in (`hf auth login`, or `HF_TOKEN`).

    Args:
        path: a `.keras` artifact; `None` for the one that ships.
        address: `hf://owner/name`; with `@revision`, that branch.
        private: whether a new repository is to be private.

    Returns:
        The address of its page.

    Raises:
        ArtifactError: the artifact is refused, or the address is invalid.
        ConfigError: the extra `hub` is not installed, or the Hub refuses.
    """
    found = parse_address(address)
    if found is None:
        raise ConfigError(
            f"{address} is no address on the Hub. Expected hf://owner/name."
        )
    data = read_file(pretrained_path() if path is None else path)
    card = write_model_card(check_bytes(data), found.repository)
    hub = import_hub()
    api = hub.HfApi(endpoint=endpoint(), library_name="mnistcnn")
    files = {FILE: data, "README.md": card.encode()}
    try:
        api.create_repo(found.repository, exist_ok=True, private=private)
        api.create_commit(
            found.repository,
            [
                hub.CommitOperationAdd(path_in_repo=name, path_or_fileobj=body)
                for name, body in files.items()
            ],
            commit_message="Publish an artifact of mnistcnn",
            revision=found.revision,
        )
    # Its own errors, the HTTP client's and the system's.
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", "")
        raise ConfigError(
            f"{endpoint()} did not take {found.repository} "
            f"({type(error).__name__} {status}). Expected a connection, and "
            "the right to write there: hf auth login, or set HF_TOKEN."
        ) from error
    return f"{endpoint()}/{found.repository}"


def write_model_card(artifact: Artifact, repository: str) -> str:
    """Writes a model card for the Hub: Markdown with a YAML header.

    Args:
        artifact: to describe.
        repository: its name on the Hub, `owner/name`.

    Returns:
        The text of `README.md`; text from the artifact's card is escaped.
    """
    hub = import_hub()
    card = artifact.card
    name = pages.pick(card, "data", "name")
    accuracy = pages.pick(card, "test", "accuracy")
    options: dict[str, Any] = {}
    if isinstance(name, str) and isinstance(accuracy, float):
        options["model_name"] = repository
        options["eval_results"] = [
            hub.EvalResult(
                task_type=TASK,
                dataset_type="mnist" if name == "MNIST" else "custom",
                dataset_name=name,
                metric_type="accuracy",
                metric_value=accuracy,
            )
        ]
    if name == "MNIST":
        options["datasets"] = ["ylecun/mnist"]
    head = hub.ModelCardData(
        library_name="keras",
        pipeline_tag=TASK,
        tags=["mnistcnn", "digits"],
        **options,
    )
    body = pages.render("modelcard.md", it=artifact, repository=repository)
    return f"---\n{head.to_yaml()}\n---\n\n{body}"


def import_hub() -> ModuleType:
    """Imports `huggingface_hub`, or raises a `ConfigError`."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise ConfigError(
            "huggingface_hub is not installed. Expected it for publish: pip "
            'install "mnistcnn[hub]".'
        ) from error
    return huggingface_hub
