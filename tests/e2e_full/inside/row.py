"""A row in MLflow's database, made when told to `plant` it; runs in the server's pod."""

import os
import sys

from sqlalchemy import create_engine, text

with create_engine(os.environ["MLFLOW_BACKEND_STORE_URI"]).begin() as connection:
    if "plant" in sys.argv:
        connection.execute(text("create table sentinel (words text)"))
        connection.execute(text("insert into sentinel values ('a row of somebody')"))
    print(connection.execute(text("select words from sentinel")).scalar_one())
