using Migrator.Core.Jobs;

namespace Migrator.Tests.Schedules;

/// <summary>Jobs with a schedule, read as job files are.</summary>
internal static class Definitions
{
    /// <param name="schedule">The members of <c>schedule</c>; null for a job without.</param>
    public static JobDefinition Job(string? schedule, string name = "nightly", params IEnumerable<string> mailboxes) =>
        JobFile.Parse(Text(schedule, name, mailboxes), $"/jobs/{name}.json");

    public static string Text(string? schedule, string name = "nightly", params IEnumerable<string> mailboxes) =>
        $$"""
            {
              "name": "{{name}}",
              "source": { "host": "imap.old.example", "user": "{name}@old.example", "password": "env:OLD" },
              "target": { "host": "imap.new.example", "user": "{name}@new.example", "password": "env:NEW" },
              {{(schedule is null ? "" : $"\"schedule\": {{ {schedule} }},")}}
              "mailboxes": [{{string.Join(", ", mailboxes.DefaultIfEmpty("ann").Select(mailbox => $"\"{mailbox}\""))}}]
            }
            """;

    /// <summary>A moment by the clocks of a zone, such as "2027-03-28 02:00 +01:00".</summary>
    public static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text);
}
