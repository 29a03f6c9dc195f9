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

/** The durable state of the engine, table by table. */
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

  /** Runs synchronous work in a transaction: all or nothing, even if the process is killed. */
  transaction<T>(work: () => T): T {
    return this.#transactions.run(work);
  }

  /** Cancels the redrives of children that have not started, in one Map Run or in all. */
  restorePendingRedrives(mapRun?: number): void {
    this.transaction(() => {
      this.executions.restorePendingRedrives(mapRun);
      this.items.restorePendingRedrives(mapRun);
    });
  }

  /** Returns the problem of the disk that an error shows, or undefined when the error has another cause. */
  diskProblem(error: unknown): StorageError | undefined {
    return toStorageError(error, this.#directory);
  }

  /** Limits the pages of the database, to imitate a full disk in tests. @default the limit of SQLite */
  limitPages(pages = 4_294_967_294): void {
    this.#database.exec(`pragma max_page_count = ${pages}`);
  }

  close(): void {
    this.#database.close();
  }
}
