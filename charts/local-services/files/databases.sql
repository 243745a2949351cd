-- The platform's roles and databases; safe to run again, passwords follow Secret postgres-accounts.
\set ON_ERROR_STOP on
\getenv hub PASSWORD_HUB
\getenv mlflow PASSWORD_MLFLOW
\getenv airflow PASSWORD_AIRFLOW
\getenv lake_owner PASSWORD_LAKE_OWNER
\getenv lake_job PASSWORD_LAKE_JOB
\getenv lake_notebook PASSWORD_LAKE_NOTEBOOK
\getenv lake_reader PASSWORD_LAKE_READER

select format('create role %I login', name)
from unnest(array['hub', 'mlflow', 'airflow', 'lake_owner', 'lake_job', 'lake_notebook', 'lake_reader']) as name
where not exists (select from pg_roles where rolname = name) \gexec

alter role hub password :'hub';
alter role mlflow password :'mlflow';
alter role airflow password :'airflow';
alter role lake_owner password :'lake_owner';
alter role lake_job password :'lake_job';
alter role lake_notebook password :'lake_notebook';
alter role lake_reader password :'lake_reader';

create temporary table wanted (name text, owner text);
insert into wanted
values ('hub', 'hub'), ('mlflow', 'mlflow'), ('mlflow_auth', 'mlflow'), ('airflow', 'airflow'), ('lake', 'lake_owner');

select format('create database %I owner %I', name, owner) from wanted
where not exists (select from pg_database where datname = name) \gexec

-- Each database is for its own roles only.
select format('revoke all on database %I from public', name) from wanted \gexec
revoke connect on database postgres, template1 from public;
grant connect on database lake to lake_job, lake_notebook, lake_reader;
