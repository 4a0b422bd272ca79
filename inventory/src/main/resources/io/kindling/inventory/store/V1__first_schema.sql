-- The first schema, for H2 (MODE=PostgreSQL) and PostgreSQL alike.
-- Statements end with a semicolon at a line's end and are safe to run again: H2 commits at each of them.

-- A node without its facts. labels and macs are JSON arrays, assignment is a JSON object.
-- claimed_name is the name, and null for removed nodes: they give their name free.
create table if not exists nodes (
  id uuid primary key,
  name varchar(300) not null,
  claimed_name varchar(300) unique,
  labels varchar(100000) not null,
  state varchar(20) not null,
  stage varchar(300),
  reason varchar(4000),
  macs varchar(100000) not null,
  boot_mac varchar(17),
  system_uuid varchar(36),
  assignment varchar(1000000),
  discovered timestamp(6) with time zone not null,
  reported timestamp(6) with time zone not null,
  version bigint not null
);

-- Which node an address identifies; none of a removed node's.
create table if not exists node_macs (
  mac varchar(17) primary key,
  node uuid not null references nodes (id)
);
create index if not exists node_macs_node on node_macs (node);

-- The raw document of a node's last report, deflated, in parts (H2 bounds a binary value at 1 MiB).
create table if not exists documents (
  node uuid not null references nodes (id),
  part integer not null,
  content bytea not null,
  primary key (node, part)
);

-- What the parser of that revision read in it, so that a start need not parse every document.
create table if not exists parsed_facts (
  node uuid not null references nodes (id),
  part integer not null,
  revision integer not null,
  content bytea not null,
  primary key (node, part)
);

create table if not exists events (
  sequence bigint primary key,
  at timestamp(6) with time zone not null,
  node uuid,
  kind varchar(100) not null,
  error varchar(20),
  text varchar(4000) not null
);
create index if not exists events_node on events (node, sequence);

create table if not exists leases (
  address varchar(45) primary key,
  mac varchar(17) not null,
  expires timestamp(6) with time zone not null,
  declined boolean not null
);

-- The last outcome of each task; ordinal is the order in which they were recorded first.
create table if not exists outcomes (
  node uuid not null,
  attempt integer not null,
  task varchar(200) not null,
  ordinal integer not null,
  status varchar(20) not null,
  at timestamp(6) with time zone not null,
  detail varchar(10000) not null,
  results varchar(1000000) not null,
  primary key (node, attempt, task)
);

-- "key" and "value" are reserved words in one or the other.
create table if not exists settings (
  name varchar(200) primary key,
  content varchar(1000000) not null
);
