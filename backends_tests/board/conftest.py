import pytest
import stub_classifier


@pytest.fixture(scope="session")
def stub():
    # The child process imports the stub by name, and inherits sys.path.
    return stub_classifier
