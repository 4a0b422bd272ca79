-- Who may use the operators' API and console, and what they changed.

-- password is a PHC string, null until its owner has chosen one.
create table if not exists accounts (
  name varchar(64) primary key,
  role varchar(20) not null,
  password varchar(300),
  created timestamp(6) with time zone not null
);

-- Sessions, API tokens and one-time links; what is kept of their secret is its SHA-256.
-- account is null for a token made without one and for the first administrator's link.
create table if not exists credentials (
  hash varchar(64) primary key,
  kind varchar(20) not null,
  name varchar(64) not null,
  account varchar(64),
  role varchar(20) not null,
  created timestamp(6) with time zone not null,
  used timestamp(6) with time zone not null,
  expires timestamp(6) with time zone not null
);
create index if not exists credentials_account on credentials (account);

-- Rows are only ever added. before and after are reserved words.
create table if not exists audit (
  sequence bigint primary key,
  at timestamp(6) with time zone not null,
  who varchar(100) not null,
  origin varchar(100) not null,
  what varchar(300) not null,
  state_before varchar(100000),
  state_after varchar(100000)
);
