using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.Extensions.Logging;
using Migrator.App.Output;
using Migrator.Core.Telemetry;
using Migrator.Mail.Imap;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Tests.Architecture;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>Every event that is logged has an id of its own, and docs/events.md lists it.</summary>
public sealed class EventTests
{
    private static IReadOnlyList<(MethodInfo Method, LoggerMessageAttribute Event)> Events =>
        [
            .. from assembly in ProductAssemblies.All
            from type in assembly.GetTypes()
            from method in type.GetMethods(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly
            )
            let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
            where attribute is not null
            orderby attribute.EventId
            select (method, attribute),
        ];

    [Fact]
    public void Ids_are_given_once()
    {
        Assert.NotEmpty(Events);
        Assert.DoesNotContain(Events.CountBy(found => found.Event.EventId), id => id.Value > 1);
        Assert.All(Events, found => Assert.InRange(found.Event.EventId, 1000, 9999));
    }

    [Fact]
    public void Nothing_is_logged_but_by_these()
    {
        var strangers = new List<string>();
        foreach (var assembly in ProductAssemblies.All)
        {
            using var file = new PEReader(File.OpenRead(assembly.Location));
            var metadata = file.GetMetadataReader();
            foreach (
                var member in metadata
                    .MemberReferences.Select(metadata.GetMemberReference)
                    .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            )
            {
                var (type, name) = (
                    metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name),
                    metadata.GetString(member.Name)
                );
                if (type == nameof(LoggerExtensions) && name.StartsWith("Log", StringComparison.Ordinal))
                    strangers.Add($"{assembly.GetName().Name}: {name}");
            }
        }

        Assert.Empty(strangers);
    }

    /// <summary>With MIGRATOR_UPDATE_DOCS=1, the document is rewritten instead.</summary>
    [Fact]
    public void The_document_lists_them_all()
    {
        var table = string.Concat(
            Events.Select(found =>
                $"| {found.Event.EventId} | `{found.Method.Name}` | {found.Event.Level.ToString().ToLowerInvariant()} | "
                + $"{found.Event.Message.Replace("|", "\\|")} |\n"
            )
        );
        var path = Docs.Path("events.md");
        var text = File.ReadAllText(path);
        var head = text[
            ..(
                text.IndexOf("|---|", StringComparison.Ordinal) is var line and >= 0
                    ? text.IndexOf('\n', line) + 1
                    : throw new InvalidDataException("There is no table in events.md.")
            )
        ];
        if (Environment.GetEnvironmentVariable("MIGRATOR_UPDATE_DOCS") == "1")
            File.WriteAllText(path, head + table);

        Assert.Equal(head + table, File.ReadAllText(path));
    }
}
