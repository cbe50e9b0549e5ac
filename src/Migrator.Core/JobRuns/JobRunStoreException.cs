using Migrator.Core.Failures;

namespace Migrator.Core.JobRuns;

/// <summary>The store cannot do what was asked; the message says why and what to do.</summary>
public sealed class JobRunStoreException(string message, Exception? inner = null)
    : MigratorException(Reason.RunStoreFailed, message, inner);
