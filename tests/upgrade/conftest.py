from tests.api.conftest import daocha, environment

__all__ = ["daocha", "environment"]
