using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Files;
using Migrator.Core.Mail;

namespace Migrator.Storage.Archives;

/// <summary>The index of an archive in a SQLite file of the state directory, some 70 bytes of disk for each object. Several processes may
/// share it. It can be deleted at any time: the next command reads it from the archive again.</summary>
public sealed class SqlitePackIndex : IPackIndex
{
    // Of its own, not of the data: an older file is thrown away.
    private const long SchemaVersion = 1;
    private const int PacksAtOnce = 1_000;
    private const int MostNames = 10_000;
    private const int KeyLength = sizeof(long);

    // In KiB: the inner pages of an index of ten million objects take 3 MB, and its outer ones are asked for in no order.
    private const string CacheSize = "cache_size = -4000";

    // SQLite's result codes.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    // Rows of packs that went are never given again. Where most are gone, marks for them would take too much memory.
    private const long RowsToSpare = 20_000_000;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly Dictionary<long, string> _names = [];
    private Dictionary<string, IReadOnlyList<string>>? _blobs;
    private long _version;

    private SqlitePackIndex(string path, SqliteConnection connection)
    {
        (_path, _connection) = (path, connection);
        _find = Command("SELECT row, pack, offset, stored FROM objects WHERE key = $1 AND rest = $2 ORDER BY row", 0L, Array.Empty<byte>());
    }

    /// <summary>Opens the file, or makes it. One that is damaged or of another version is recreated.</summary>
    /// <exception cref="StorageException"><see cref="Reason.SpoolFailed"/>.</exception>
    public static SqlitePackIndex Open(string path)
    {
        try
        {
            try
            {
                return Connect(path);
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is Corrupt or NotADatabase)
            {
                Delete(path);
                return Connect(path);
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Failed(path, exception);
        }
    }

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Blobs =>
        Guard(() =>
        {
            // Of changes that other connections have made, SQLite tells; of its own, not.
            var version = Long("PRAGMA data_version");
            if (_blobs is null || version != _version)
                (_blobs, _version) = (ReadBlobs(), version);
            return _blobs;
        });

    public long Objects => Guard(() => Long("SELECT COALESCE(SUM(count), 0) FROM packs"));

    public long Rows => Guard(() => Setting("rows"));

    public DateTimeOffset? Looked
    {
        get => Guard(() => Setting("looked") is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : (DateTimeOffset?)null);
        set => Guard(() => Set("looked", value?.UtcTicks ?? 0));
    }

    public IDisposable? Bulk() => new WithoutKeys(this);

    public void Add(IReadOnlyCollection<IndexedBlob> blobs) =>
        Guard(() =>
        {
            _blobs = null;
            using var transaction = _connection.BeginTransaction();
            var row = Setting("rows");
            foreach (var blob in blobs)
            {
                using var insert = Command(
                    "INSERT INTO blobs (name, supersedes) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id",
                    blob.Name,
                    blob.Supersedes.Count == 0 ? DBNull.Value : string.Join('\n', blob.Supersedes)
                );
                if (insert.ExecuteScalar() is not long id)
                    continue;
                foreach (var pack in blob.Packs)
                    row = Add(pack, id, row);
            }
            Set("rows", row);
            transaction.Commit();
            return 0;
        });

    public void Remove(IReadOnlyCollection<string> blobs) =>
        Guard(() =>
        {
            if (blobs.Count == 0)
                return 0;
            _blobs = null;
            using var transaction = _connection.BeginTransaction();
            foreach (var blob in blobs)
            {
                Execute("DELETE FROM listings WHERE blob = (SELECT id FROM blobs WHERE name = $1)", blob);
                Execute("DELETE FROM blobs WHERE name = $1", blob);
            }
            var gone = Packs("SELECT name, size, count, first FROM packs WHERE NOT EXISTS (SELECT 1 FROM listings WHERE pack = packs.id)");
            // By a range for each pack: of rows that a query names, SQLite first keeps all in memory.
            using var objects = Command("DELETE FROM objects WHERE row >= $1 AND row < $2", 0L, 0L);
            using var packs = Command("DELETE FROM packs WHERE name = $1", "");
            foreach (var pack in gone)
            {
                (objects.Parameters[0].Value, objects.Parameters[1].Value) = (pack.FirstRow, pack.FirstRow + pack.Objects);
                objects.ExecuteNonQuery();
                packs.Parameters[0].Value = pack.Name;
                packs.ExecuteNonQuery();
            }
            transaction.Commit();
            return 0;
        });

    public IEnumerable<IndexedPack> Packs()
    {
        // In the order of ids, rows are ascending too.
        for (var last = 0L; ; )
        {
            var page = Guard(() =>
                Packs($"SELECT name, size, count, first FROM packs WHERE id > $1 ORDER BY id LIMIT {PacksAtOnce}", last)
            );
            foreach (var pack in page)
                yield return pack;
            if (page.Count < PacksAtOnce)
                yield break;
            var name = page[^1].Name;
            last = Guard(() => Long("SELECT COALESCE((SELECT id FROM packs WHERE name = $1), 9223372036854775807)", name));
        }
    }

    public PackTotals Totals(BlobKind kind) =>
        Guard(() =>
            Query(
                "SELECT COUNT(*), COALESCE(SUM(plain), 0), COALESCE(SUM(stored), 0) FROM objects WHERE pack IN (SELECT id "
                    + "FROM packs WHERE name GLOB $1)",
                row => new PackTotals(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
                $"{kind.Prefix}*"
            )[0]
        );

    public IReadOnlyList<IndexedPack> PacksOf(string blob) =>
        Guard(() =>
            Packs(
                "SELECT packs.name, size, count, first FROM blobs JOIN listings ON blob = blobs.id JOIN packs ON pack = "
                    + "packs.id WHERE blobs.name = $1 ORDER BY first",
                blob
            )
        );

    public IReadOnlyCollection<string> BlobsOf(IReadOnlyCollection<string> packs) =>
        Guard(() =>
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            using var command = Command(
                "SELECT blobs.name FROM packs JOIN listings ON pack = packs.id JOIN blobs ON blob = blobs.id WHERE packs.name = $1",
                ""
            );
            foreach (var pack in packs)
            {
                command.Parameters[0].Value = pack;
                using var reader = command.ExecuteReader();
                while (reader.Read())
                    names.Add(reader.GetString(0));
            }
            return names;
        });

    public bool Knows(string pack) => Guard(() => Long("SELECT COUNT(*) FROM packs WHERE name = $1", pack) > 0);

    public PackContents? Read(string pack) =>
        Guard(() =>
        {
            if (Packs("SELECT name, size, count, first FROM packs WHERE name = $1", pack) is not [var known])
                return null;
            return PackContents.Of(known.Name, known.Size, known.Objects, Entries(known.FirstRow, known.Objects));
        });

    public IReadOnlyList<PackEntry> Read(IndexedPack pack, int first, int count) =>
        Guard(() =>
        {
            // The rows of the next pack follow.
            count = Math.Clamp(pack.Objects - first, 0, count);
            return PackContents.Of(pack.Name, pack.Size, count, Entries(pack.FirstRow + first, count)).Entries;
        });

    public IReadOnlyList<IReadOnlyList<ObjectPlace>> FindAll(IReadOnlyList<ObjectId> ids) =>
        Guard(() =>
        {
            var found = new IReadOnlyList<ObjectPlace>[ids.Count];
            // Without one, the file is locked and unlocked for each, which takes longer than to look.
            using var transaction = ids.Count > 1 ? _connection.BeginTransaction(deferred: true) : null;
            _find.Transaction = transaction;
            for (var number = 0; number < found.Length; number++)
                found[number] = Places(ids[number]);
            return found;
        });

    public long Losses => Guard(() => Setting("losses"));

    public bool IsWhole(ContentId pages) => Guard(() => Long("SELECT COUNT(*) FROM whole WHERE pages = $1", pages.ToArray())) > 0;

    public void NoteWhole(ContentId pages, long losses, ContentId? instead) =>
        Guard(() =>
        {
            using var transaction = _connection.BeginTransaction();
            if (Setting("losses") == losses)
            {
                if (instead is { } before)
                    Execute("DELETE FROM whole WHERE pages = $1", before.ToArray());
                Execute("INSERT INTO whole (pages) VALUES ($1) ON CONFLICT DO NOTHING", pages.ToArray());
            }
            transaction.Commit();
            return 0;
        });

    public void Dispose()
    {
        lock (_lock)
        {
            _find.Dispose();
            _connection.Dispose();
        }
    }

    private static SqlitePackIndex Connect(string path)
    {
        // A pooled connection would keep the file open, and locked on Windows, after the archive is closed.
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Pooling = false,
                DefaultTimeout = 60,
            }.ToString()
        );
        try
        {
            PrivateFiles.Reserve(path);
            connection.Open();
            var index = new SqlitePackIndex(path, connection);
            // It can be read from the archive again: what the last second brought may be lost with the power.
            foreach (var setting in new[] { "journal_mode = WAL", "synchronous = NORMAL", CacheSize, "temp_store = FILE" })
                index.Execute($"PRAGMA {setting}");
            if (index.Long("PRAGMA user_version") is not (0 or SchemaVersion))
                throw new SqliteException("of another version", NotADatabase);
            index.Execute(
                $"""
                CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS blobs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, supersedes TEXT);
                CREATE TABLE IF NOT EXISTS packs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,
                    size INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL);
                CREATE TABLE IF NOT EXISTS listings (blob INTEGER NOT NULL, pack INTEGER NOT NULL, PRIMARY KEY (blob, pack)) WITHOUT ROWID;
                CREATE INDEX IF NOT EXISTS listings_pack ON listings (pack);
                CREATE TABLE IF NOT EXISTS objects (row INTEGER PRIMARY KEY, key INTEGER NOT NULL, rest BLOB NOT NULL,
                    pack INTEGER NOT NULL, offset INTEGER NOT NULL, stored INTEGER NOT NULL, plain INTEGER NOT NULL);
                CREATE INDEX IF NOT EXISTS objects_key ON objects (key);
                CREATE TABLE IF NOT EXISTS whole (pages BLOB PRIMARY KEY) WITHOUT ROWID;
                CREATE TRIGGER IF NOT EXISTS pack_lost AFTER DELETE ON packs BEGIN
                    DELETE FROM whole;
                    INSERT INTO settings (name, value) VALUES ('losses', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
                END;
                PRAGMA user_version = {SchemaVersion};
                """
            );
            if (index.Rows > RowsToSpare && index.Rows > 4 * index.Objects)
                throw new SqliteException("mostly empty", NotADatabase);
            return index;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Delete(string path)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.Delete(path + suffix);
    }

    /// <returns>The next row.</returns>
    private long Add(PackContents pack, long blob, long row)
    {
        using var insert = Command(
            "INSERT INTO packs (name, size, first, count) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id",
            pack.Name,
            pack.Size,
            row,
            pack.Entries.Count
        );
        var isNew = insert.ExecuteScalar() is long;
        Execute("INSERT INTO listings (blob, pack) SELECT $1, id FROM packs WHERE name = $2 ON CONFLICT DO NOTHING", blob, pack.Name);
        if (!isNew)
            return row;
        var id = Long("SELECT id FROM packs WHERE name = $1", pack.Name);
        using var add = Command(
            "INSERT INTO objects (row, key, rest, pack, offset, stored, plain) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            0L,
            0L,
            Array.Empty<byte>(),
            id,
            0L,
            0L,
            0L
        );
        foreach (var entry in pack.Entries)
        {
            var bytes = entry.Id.Value.ToArray();
            add.Parameters[0].Value = row++;
            add.Parameters[1].Value = BinaryPrimitives.ReadInt64BigEndian(bytes);
            add.Parameters[2].Value = bytes[KeyLength..];
            add.Parameters[4].Value = entry.Offset;
            add.Parameters[5].Value = entry.Stored;
            add.Parameters[6].Value = entry.Plain;
            add.ExecuteNonQuery();
        }
        return row;
    }

    private IEnumerable<PackEntry> Entries(long row, int count)
    {
        using var command = Command(
            "SELECT key, rest, offset, stored, plain FROM objects WHERE row >= $1 AND row < $2 ORDER BY row",
            row,
            row + count
        );
        using var reader = command.ExecuteReader();
        var id = new byte[ContentId.Length];
        while (reader.Read())
        {
            BinaryPrimitives.WriteInt64BigEndian(id, reader.GetInt64(0));
            reader.GetFieldValue<byte[]>(1).CopyTo(id, KeyLength);
            yield return new PackEntry(new ObjectId(new ContentId(id)), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
        }
    }

    private Dictionary<string, IReadOnlyList<string>> ReadBlobs() =>
        Query(
                "SELECT name, supersedes FROM blobs",
                row => (Name: row.GetString(0), Supersedes: row.IsDBNull(1) ? [] : row.GetString(1).Split('\n'))
            )
            .ToDictionary(blob => blob.Name, IReadOnlyList<string> (blob) => blob.Supersedes, StringComparer.Ordinal);

    private List<IndexedPack> Packs(string query, params object[] values) =>
        Query(query, row => new IndexedPack(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3)), values);

    private IReadOnlyList<ObjectPlace> Places(ObjectId id)
    {
        var bytes = id.Value.ToArray();
        _find.Parameters[0].Value = BinaryPrimitives.ReadInt64BigEndian(bytes);
        _find.Parameters[1].Value = bytes[KeyLength..];
        using var reader = _find.ExecuteReader();
        List<ObjectPlace>? places = null;
        while (reader.Read())
        {
            if (NameOf(reader.GetInt64(1)) is { } name)
                (places ??= new List<ObjectPlace>(1)).Add(
                    new ObjectPlace(name, reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(0))
                );
        }
        return places ?? [];
    }

    private string? NameOf(long pack)
    {
        if (_names.TryGetValue(pack, out var known))
            return known;
        if (_names.Count >= MostNames)
            _names.Clear();
        using var command = Command("SELECT name FROM packs WHERE id = $1", pack);
        return command.ExecuteScalar() is string name ? _names[pack] = name : null;
    }

    private long Setting(string name) => Long("SELECT COALESCE((SELECT value FROM settings WHERE name = $1), 0)", name);

    private long Set(string name, long value) =>
        Execute("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);

    private long Long(string query, params object[] values) => _connection.Long(query, values);

    private int Execute(string statement, params object[] values) => _connection.Execute(statement, values);

    private List<T> Query<T>(string query, Func<SqliteDataReader, T> read, params object[] values) =>
        _connection.Query(query, read, values);

    private SqliteCommand Command(string text, params object[] values) => _connection.Command(text, values);

    private T Guard<T>(Func<T> call)
    {
        lock (_lock)
        {
            try
            {
                return call();
            }
            catch (SqliteException exception)
            {
                throw Failed(_path, exception);
            }
        }
    }

    private static StorageException Failed(string path, Exception exception) =>
        new(
            Reason.SpoolFailed,
            $"The index of the archive in {path} cannot be used: {exception.Message}. It is a copy: delete it, and it is read "
                + "from the archive again.",
            exception
        );

    /// <summary>Without the index over keys, which grows in no order: to make it of all of them at once takes a tenth of the
    /// time.</summary>
    private sealed class WithoutKeys : IDisposable
    {
        private readonly SqlitePackIndex _index;

        public WithoutKeys(SqlitePackIndex index)
        {
            _index = index;
            index.Guard(() => index.Execute("DROP INDEX IF EXISTS objects_key"));
        }

        public void Dispose() =>
            _index.Guard(() =>
            {
                _index.Execute("CREATE INDEX IF NOT EXISTS objects_key ON objects (key)");
                // Each process that opens the file reads all of its log, which is as large as what was taken in.
                return _index.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            });
    }
}
