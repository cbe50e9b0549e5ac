namespace Migrator.Core.Failures;

/// <summary>Something that an archive, the store that it lies in, or a vault of keys and secrets did not do.</summary>
public sealed class StorageException(Reason reason, string message, Exception? inner = null) : MigratorException(reason, message, inner);
