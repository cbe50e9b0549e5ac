namespace Migrator.Core.Failures;

/// <param name="Path">Where in the file, such as <c>$.source.port</c>.</param>
/// <param name="Message">What is there and what would be right. Never a secret.</param>
/// <param name="Line">The line it is on, from 1; for something missing, the line where it would belong. Null where
/// there is no such line, as on a command line.</param>
public sealed record ConfigurationError(string Path, string Message, int? Line = null);
