"""Writes a small Parquet file to sandbox/, lists it, reads it and deletes it; runs in a job's pod."""

import json
import os
import uuid

import pandas as pd

from dataops.s3 import S3Client

client = S3Client()
client.check_connectivity()
key = f"sandbox/_smoke/{uuid.uuid4().hex}.parquet"
frame = pd.DataFrame({"number": range(1000)})
client.write_parquet(frame, key)
if key not in [listed.key for listed in client.list_objects("sandbox/_smoke/")]:
    raise SystemExit(f"error: {key} is not listed after it was written")
back = client.read_parquet(key)
client.delete(key)
print("RESULT " + json.dumps({"endpoint": os.environ["S3_ENDPOINT_URL"], "written": len(frame), "rows": len(back)}))
