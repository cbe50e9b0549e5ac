using Migrator.Core.Failures;

namespace Migrator.App.Execution;

/// <summary>What a person asked for cannot be done; the message says why, and what to do.</summary>
public class JobControlException(string message) : MigratorException(Reason.ConfigurationInvalid, message);
