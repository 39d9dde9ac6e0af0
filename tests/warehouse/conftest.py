import pytest

from tests.warehouse.samples import settings_in
from warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path):
    with Warehouse.open(settings_in(tmp_path / "home")) as opened:
        yield opened
