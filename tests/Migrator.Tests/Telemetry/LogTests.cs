using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Logging;
using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>Lines for people, for programs and for the journal.</summary>
public sealed class LogTests
{
    private static readonly FakeTimeProvider s_time = new(new DateTimeOffset(2026, 3, 4, 13, 22, 10, TimeSpan.Zero));

    private static readonly EventId s_event = new(1004, "MessageFailed");

    [Fact]
    public void A_line_for_a_person_is_short_and_cannot_get_at_the_terminal()
    {
        var log = new LinesLogger(new PlainFormatter(s_time));

        log.Log(LogLevel.Warning, s_event, "Message {Uid} failed: {Detail}", 7, "NO \u001b[2J go away");

        Assert.Equal("13:22:10 warn  Message 7 failed: NO \uFFFD[2J go away\n", log.Written.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void An_object_a_line_has_keys_that_stay()
    {
        var log = new LinesLogger(new JsonLogLines(s_time));

        log.Log(
            LogLevel.Error,
            s_event,
            new IOException("outer", new InvalidOperationException("inner\nline")),
            "Message {Uid} failed: {Detail}",
            7,
            "words"
        );

        var line = JsonDocument.Parse(Assert.Single(log.Written.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(
            ["time", "level", "category", "eventId", "event", "message", "values", "exception"],
            line.EnumerateObject().Select(property => property.Name)
        );
        Assert.Equal("2026-03-04T13:22:10+00:00", line.GetProperty("time").GetString());
        Assert.Equal("error", line.GetProperty("level").GetString());
        Assert.Equal(1004, line.GetProperty("eventId").GetInt32());
        Assert.Equal("MessageFailed", line.GetProperty("event").GetString());
        Assert.Equal("Message 7 failed: words", line.GetProperty("message").GetString());
        Assert.Equal(7, line.GetProperty("values").GetProperty("Uid").GetInt32());
        Assert.Equal("words", line.GetProperty("values").GetProperty("Detail").GetString());
        Assert.Contains("inner\nline", line.GetProperty("exception").GetString());
    }

    [Fact]
    public void The_journal_gets_its_prefix_and_one_line_for_each_entry()
    {
        var log = new LinesLogger(new SystemdFormatter());

        log.Log(LogLevel.Critical, s_event, new IOException("one\ntwo"), "It failed");

        Assert.Equal("<2>Migration[1004] It failed System.IO.IOException: one two\n", log.Written);
    }

    [Theory]
    [InlineData("Json")]
    [InlineData("json")]
    [InlineData("Systemd")]
    [InlineData("Plain")]
    [InlineData(null)]
    public void The_format_is_chosen_by_a_setting(string? format)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddLogs(new ConfigurationManager { ["Logging:Format"] = format }));

        Assert.NotNull(loggers.CreateLogger("any"));
    }

    /// <summary>The framework has formats of these names too, which hide no secrets.</summary>
    [Fact]
    public void Only_our_formats_are_there_also_in_a_host_that_brings_others()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddLogs(new ConfigurationManager { ["Logging:Format"] = "Json" });
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(
            [typeof(JsonLogLines), typeof(PlainFormatter), typeof(SystemdFormatter)],
            services.GetServices<ConsoleFormatter>().Select(format => format.GetType()).OrderBy(type => type.Name)
        );
    }

    [Fact]
    public void A_format_that_is_none_is_reported() =>
        Assert.Contains(
            "\"Json\"",
            Assert
                .Throws<ConfigurationException>(() =>
                    LoggerFactory.Create(logging => logging.AddLogs(new ConfigurationManager { ["Logging:Format"] = "xml" }))
                )
                .Errors[0]
                .Message
        );
}
