import type { DepartmentId, DeviceId, DocId, PersonId, Result, Wording } from '@lianban/model';

/** What the holder of a door token may do with one document, and who they are to the others in it. */
export interface DoorPass {
  /** The signed-in session behind the token: it binds client ids of stock clients, and its end closes the socket. */
  readonly sessionId: string;
  readonly person: PersonId;
  readonly name: Wording;
  readonly department: DepartmentId;
  readonly canWrite: boolean;
  /** Binds a device to the person for ever; refused `forbidden` when it belongs to another. */
  bindDevice(device: DeviceId): Promise<Result<true>>;
}

/** Port: who may come in. The relay's sessions, directory and cases stand behind it. */
export interface DoorGate {
  /**
   * Looks a door token up for one document; `token` is empty when none was sent. Refuses with `login-needed` (none,
   * unknown, expired) or `no-such-doc`; `forbidden` is told to the client as `no-such-doc`.
   */
  enter(token: string, docId: DocId): Promise<Result<DoorPass>>;
  /** Calls `listener` at once when a session ends, until the returned function is called. */
  onRevoked(listener: (sessionId: string) => void): () => void;
  /** Calls `listener` when a pass of this session may have changed: it is checked again at once. */
  onChanged?(listener: (sessionId: string) => void): () => void;
  /** The pass as it is now; called at least every 60 s for each socket. Refuses like `enter`. */
  recheck(pass: DoorPass): Promise<Result<DoorPass>>;
}
