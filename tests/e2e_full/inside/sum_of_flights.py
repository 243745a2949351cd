"""How many rows the flights have that readers see, and a number that no other rows have; runs in a job's pod."""

import json

import pandas as pd

from dataops.tables import read_pandas

rows = read_pandas("silver.flights")
print("RESULT " + json.dumps({"rows": len(rows), "sum": str(pd.util.hash_pandas_object(rows, index=False).sum())}))
