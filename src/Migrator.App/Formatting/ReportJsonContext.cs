using System.Text.Json;
using System.Text.Json.Serialization;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Following;
using Migrator.Core.JobRuns;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Plans;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Storage.Auditing;

namespace Migrator.App.Formatting;

/// <summary>The types of <see cref="ReportJson"/>, by code that the compiler writes: a program without a JIT has no other.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [
        typeof(RedactingConverter),
        typeof(FolderPathConverter),
        typeof(Words<RunOutcome>),
        typeof(Words<Operation>),
        typeof(Words<QuotaVerdict>),
        typeof(Words<DifferenceKind>),
        typeof(Words<Rewrite>),
        typeof(Words<MatchedBy>),
        typeof(Words<FolderPhase>),
        typeof(Words<MailboxRunState>),
        typeof(Words<JobRunTrigger>),
        typeof(Words<SnapshotState>),
        typeof(Words<JobTask>),
        typeof(Words<DeletionMode>),
        typeof(Words<MailboxOutcome>),
    ]
)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(JobReport))]
[JsonSerializable(typeof(MailboxPlan))]
[JsonSerializable(typeof(MailboxStatus))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(RepairReport))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(StatisticsReport))]
[JsonSerializable(typeof(RehydrationReport))]
[JsonSerializable(typeof(ArchiveFormat))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(IReadOnlyList<ConfigurationError>))]
[JsonSerializable(typeof(IReadOnlyList<MissingItem>))]
[JsonSerializable(typeof(IReadOnlyList<DateTimeOffset>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(List<FolderPath>))]
[JsonSerializable(typeof(FolderPhase))]
[JsonSerializable(typeof(QuotaVerdict))]
[JsonSerializable(typeof(Failure))]
[JsonSerializable(typeof(DateTimeOffset?))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(Uid?))]
[JsonSerializable(typeof(UidValidity?))]
[JsonSerializable(typeof(double?))]
[JsonSerializable(typeof(decimal))]
internal sealed partial class ReportJsonContext : JsonSerializerContext
{
    /// <summary>Enumerations as words.</summary>
    private sealed class Words<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
