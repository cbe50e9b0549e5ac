using Migrator.Core.Failures;

namespace Migrator.Core.Rounds;

/// <summary>The store cannot do what was asked; the message says why and what to do.</summary>
public sealed class RoundStoreException(string message, Exception? inner = null) : MigratorException(Reason.RunStoreFailed, message, inner);
