"""A Spark session whose executors are at work for longer than any test; runs in a driver's pod."""

import os
import threading
import time

from dataops.spark.session import create_spark_session

spark = create_spark_session(os.environ["POD_NAME"])
context = spark.sparkContext
work = context.parallelize(range(2), 2)
threading.Thread(target=work.foreach, args=(lambda _: time.sleep(600),)).start()
while sum(info.numRunningTasks() for info in context._jsc.sc().statusTracker().getExecutorInfos()) < 2:
    time.sleep(0.2)
print("BUSY", flush=True)
