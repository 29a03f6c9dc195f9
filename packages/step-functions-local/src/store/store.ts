import type { DatabaseSync } from 'node:sqlite';
import { type StorageError, toStorageError } from 'local-storage/storage';
import { openDatabase } from './database.ts';
import { DefinitionTable } from './definition-table.ts';
import { EventTable } from './event-table.ts';
import { ExecutionTable } from './execution-table.ts';
import { FrameTable } from './frame-table.ts';
import { ItemTable } from './item-table.ts';
import { MapRunTable } from './map-run-table.ts';
import { Transactions } from './transaction.ts';

/** The engine's durable state, table by table. */
export class Store {
  readonly definitions: DefinitionTable;
  readonly executions: ExecutionTable;
  readonly events: EventTable;
  readonly frames: FrameTable;
  readonly mapRuns: MapRunTable;
  readonly items: ItemTable;
  readonly #database: DatabaseSync;
  readonly #transactions: Transactions;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#database = openDatabase(directory);
    this.#transactions = new Transactions(this.#database, directory);
    this.definitions = new DefinitionTable(this.#database);
    this.executions = new ExecutionTable(this.#database);
    this.events = new EventTable(this.#database);
    this.frames = new FrameTable(this.#database);
    this.mapRuns = new MapRunTable(this.#database);
    this.items = new ItemTable(this.#database);
  }

  /** All or nothing, also under `kill -9`. The work must not wait for anything. */
  transaction<T>(work: () => T): T {
    return this.#transactions.run(work);
  }

  /** Gives up the redrives of children that did not begin, of one Map Run or of all. */
  restorePendingRedrives(mapRun?: number): void {
    this.transaction(() => {
      this.executions.restorePendingRedrives(mapRun);
      this.items.restorePendingRedrives(mapRun);
    });
  }

  /** What an error says of the disk; nothing when it is about something else. */
  diskProblem(error: unknown): StorageError | undefined {
    return toStorageError(error, this.#directory);
  }

  /** Fills the disk, for tests: the database may have so many pages. @default as many as SQLite allows */
  limitPages(pages = 4_294_967_294): void {
    this.#database.exec(`pragma max_page_count = ${pages}`);
  }

  close(): void {
    this.#database.close();
  }
}
