-- The catalog's two tables (schema V1), who may see them and who may write what. Run as their owner; again changes nothing.
create table if not exists iceberg_tables (
  catalog_name varchar(255) not null,
  table_namespace varchar(255) not null,
  table_name varchar(255) not null,
  metadata_location varchar(1000),
  previous_metadata_location varchar(1000),
  iceberg_type varchar(5),
  primary key (catalog_name, table_namespace, table_name)
);
create table if not exists iceberg_namespace_properties (
  catalog_name varchar(255) not null,
  namespace varchar(255) not null,
  property_key varchar(255) not null,
  property_value varchar(1000),
  primary key (catalog_name, namespace, property_key)
);

revoke all on iceberg_tables, iceberg_namespace_properties from public;
grant select, insert, update, delete on iceberg_tables, iceberg_namespace_properties to lake_job, lake_notebook;
grant select on iceberg_tables, iceberg_namespace_properties to lake_reader;

alter table iceberg_tables enable row level security;
alter table iceberg_namespace_properties enable row level security;

-- Everyone sees all tables, jobs write everywhere, notebooks write the sandbox.
drop policy if exists everyone_reads on iceberg_tables;
drop policy if exists jobs_write on iceberg_tables;
drop policy if exists notebooks_write_sandbox on iceberg_tables;
create policy everyone_reads on iceberg_tables for select using (true);
create policy jobs_write on iceberg_tables for all to lake_job using (true) with check (true);
create policy notebooks_write_sandbox on iceberg_tables for all to lake_notebook
  using (table_namespace = 'sandbox') with check (table_namespace = 'sandbox');

drop policy if exists everyone_reads on iceberg_namespace_properties;
drop policy if exists jobs_write on iceberg_namespace_properties;
drop policy if exists notebooks_write_sandbox on iceberg_namespace_properties;
create policy everyone_reads on iceberg_namespace_properties for select using (true);
create policy jobs_write on iceberg_namespace_properties for all to lake_job using (true) with check (true);
create policy notebooks_write_sandbox on iceberg_namespace_properties for all to lake_notebook
  using (namespace = 'sandbox') with check (namespace = 'sandbox');
