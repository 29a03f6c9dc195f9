import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolder, toStorageError } from 'local-storage/storage';

/**
 * The tables for everything that must outlive the process.
 *
 * `frames` has one row per running graph (the machine, a branch or an iteration), with its current state, the input of
 * that state and the variables. A redrive continues from there. `map_items` has the items of a Map Run as they were
 * read. `definitions` has the definitions that executions were started with, because a redrive uses the same one.
 */
const schemaSql = `
create table if not exists definitions (
  id integer primary key,
  text text not null unique
);
create table if not exists executions (
  id integer primary key,
  arn text not null unique,
  name text not null,
  state_machine_arn text not null,
  definition integer references definitions (id),
  map_run integer references map_runs (id),
  item_index integer,
  status text not null,
  input text not null,
  output text,
  error text,
  cause text,
  start_date real not null,
  stop_date real,
  redrive_count integer not null default 0,
  redrive_date real,
  redrive_token text,
  event_count integer not null default 0
);
create index if not exists executions_by_machine on executions (map_run, start_date);
create index if not exists executions_by_status on executions (status);
create table if not exists events (
  execution integer not null references executions (id) on delete cascade,
  id integer not null,
  previous_id integer not null,
  timestamp real not null,
  type text not null,
  details text,
  primary key (execution, id)
) without rowid;
create table if not exists frames (
  execution integer not null references executions (id) on delete cascade,
  path text not null,
  status text not null,
  state text not null,
  input text not null,
  variables text not null,
  entered_event integer not null default 0,
  map_run integer,
  output text,
  primary key (execution, path)
) without rowid;
create table if not exists map_runs (
  id integer primary key,
  arn text not null unique,
  execution integer not null references executions (id) on delete cascade,
  label text not null,
  status text not null,
  start_date real not null,
  stop_date real,
  max_concurrency integer not null,
  tolerated_percentage real not null,
  tolerated_count integer not null,
  tolerance text not null,
  results_written integer not null default 0,
  redrive_count integer not null default 0,
  redrive_date real
);
create index if not exists map_runs_by_execution on map_runs (execution);
create table if not exists map_items (
  map_run integer not null references map_runs (id) on delete cascade,
  item_index integer not null,
  status text not null,
  input text not null,
  execution integer,
  primary key (map_run, item_index)
) without rowid;
create index if not exists map_items_by_status on map_items (map_run, status, item_index);
`;

/**
 * Opens the engine's database in a folder. Creates both if they do not exist.
 *
 * With write-ahead logging a `kill -9` cannot leave half a transaction. The lock is exclusive: a second engine would end
 * the executions of the first.
 *
 * @throws {StorageError} when the disk accepts no writes
 * @throws {Error} when another engine uses the folder, or another version wrote it
 */
export function openDatabase(directory: string): DatabaseSync {
  makeFolder(directory);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(directory, 'executions.sqlite'));
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal');
    database.exec(`pragma foreign_keys = on; pragma wal_autocheckpoint = ${checkpointPages}`);
    database.exec(`begin immediate; ${schemaSql} commit`);
    checkVersion(database);
    return database;
  } catch (error) {
    database?.close();
    throw toStorageError(error, directory) ?? cannotOpen(directory, error as Error);
  }
}

function cannotOpen(directory: string, error: Error): Error {
  const why = /locked|busy/.test(error.message)
    ? 'another engine uses it. Stop that engine, or use another folder.'
    : error.message;
  return new Error(`cannot open the executions in ${directory}: ${why}`, { cause: error });
}

/**
 * Pages of 4 KiB that the write-ahead log may hold before SQLite copies them to the database: 16 MiB instead of 4. Each
 * copy waits for the disk.
 */
const checkpointPages = 4_096;

/** The version of the tables above. Change it with their columns. */
const schemaVersion = 1;

function checkVersion(database: DatabaseSync): void {
  const { user_version } = database.prepare('pragma user_version').get() as { user_version: number };
  if (user_version === 0) database.exec(`pragma user_version = ${schemaVersion}`);
  else if (user_version !== schemaVersion)
    throw new Error(
      `version ${user_version} of the engine wrote it, and this is version ${schemaVersion}. Use another folder.`,
    );
}
