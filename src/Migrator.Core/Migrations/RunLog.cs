using Microsoft.Extensions.Logging;

namespace Migrator.Core.Migrations;

/// <summary>What the engine logs. Event ids are stable; no message carries a secret or the content of mail.</summary>
internal static partial class RunLog
{
    [LoggerMessage(1001, LogLevel.Information, "Copying {Folder}: {Found} messages at the source, {Pending} to copy")]
    public static partial void Copying(this ILogger log, object folder, long found, long pending);

    [LoggerMessage(1002, LogLevel.Warning, "{What} Trying again in {Seconds} s")]
    public static partial void Retrying(this ILogger log, string what, double seconds);

    [LoggerMessage(1003, LogLevel.Warning, "Connection {Connection} could not be opened: {What}")]
    public static partial void FewerConnections(this ILogger log, int connection, string what);

    [LoggerMessage(1004, LogLevel.Warning, "Message {Uid} in {Folder} failed: {Code}: {Detail}")]
    public static partial void MessageFailed(this ILogger log, uint uid, object folder, string code, string detail);

    [LoggerMessage(1006, LogLevel.Debug, "Folder {Folder}: failures are reported without subjects: {Detail}")]
    public static partial void NoSubjects(this ILogger log, object folder, string detail);

    [LoggerMessage(1007, LogLevel.Debug, "Folder {Folder}: the target copies no messages from another folder: {Detail}")]
    public static partial void NotCopied(this ILogger log, object folder, string detail);

    [LoggerMessage(1008, LogLevel.Warning, "Folder {Folder}: messages were not moved there from other folders of the target: {Detail}")]
    public static partial void NotMoved(this ILogger log, object folder, string detail);

    [LoggerMessage(1009, LogLevel.Warning, "Folder {Folder} was not renamed at the target: {Detail}")]
    public static partial void NotRenamed(this ILogger log, object folder, string detail);

    [LoggerMessage(1005, LogLevel.Error, "Folder {Folder} failed: {Code}: {Detail}")]
    public static partial void FolderFailed(this ILogger log, object folder, string code, string detail);
}
