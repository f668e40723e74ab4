/** How much is measured. */
export interface Form {
  readonly rounds: number;
  readonly clients: readonly number[];
  /** Ms for which operations are counted, of each kind. */
  readonly measureMs: number;
  /** Where they are slow, longer: until there are so many. */
  readonly leastOperations: number;
  /** Connections that are opened and closed one after the other. */
  readonly setUps: number;
  /** Connections that the memory of one is read from. */
  readonly memoryConnections: number;
  /** Whether each door gets a server of its own for that: what others leave free is not counted then. */
  readonly freshServers: boolean;
  /** Those who wait for notice of changes, and for how long, in ms; and how often those ask who are not told. */
  readonly observers: number;
  readonly noticeMs: number;
  readonly pollMs: readonly number[];
  /** How often a name is wanted by three at once; and programs that count together, each so far. */
  readonly namesakes: number;
  readonly counters: number;
  readonly countTo: number;
}

export const FORMS = {
  long: {
    rounds: 3,
    clients: [1, 10, 100, 1_000],
    measureMs: 300,
    leastOperations: 5,
    setUps: 40,
    memoryConnections: 1_000,
    freshServers: true,
    observers: 20,
    noticeMs: 4_000,
    pollMs: [100, 1_000],
    namesakes: 100,
    counters: 10,
    countTo: 20,
  },
  short: {
    rounds: 1,
    clients: [1, 10, 100],
    measureMs: 50,
    leastOperations: 5,
    setUps: 10,
    memoryConnections: 200,
    freshServers: true,
    observers: 10,
    noticeMs: 600,
    pollMs: [100, 1_000],
    namesakes: 20,
    counters: 5,
    countTo: 10,
  },
  shortest: {
    rounds: 1,
    clients: [1, 10],
    measureMs: 5,
    leastOperations: 1,
    setUps: 3,
    memoryConnections: 10,
    freshServers: false,
    observers: 2,
    noticeMs: 100,
    pollMs: [20, 50],
    namesakes: 4,
    counters: 2,
    countTo: 5,
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof FORMS;
