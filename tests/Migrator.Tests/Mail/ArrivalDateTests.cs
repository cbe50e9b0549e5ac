using System.Text;
using Migrator.Core.Mail;
using MimeKit.Utils;
using Xunit;

namespace Migrator.Tests.Mail;

/// <summary>When a message arrived, as far as its header tells.</summary>
public sealed class ArrivalDateTests
{
    private static readonly DateTimeOffset s_now = new(2024, 6, 15, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(
        "Received: by a; Mon, 1 Jan 2024 10:00:00 +0100\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\n\r\n",
        "2024-01-01T10:00:00+01:00"
    )]
    [InlineData(
        "Received: from x (x [192.0.2.1])\r\n\tby a with ESMTP id 7\r\n\tfor <b@c>;\r\n Mon, 1 Jan 2024\r\n\t10:00:00 +0100 (CET)\r\n\r\n",
        "2024-01-01T10:00:00+01:00"
    )]
    [InlineData("RECEIVED : by a; 1 Jan 2024 10:00:00 GMT\n\nbody", "2024-01-01T10:00:00+00:00")]
    [InlineData(
        "Return-Path: <x@y>\r\nReceived: by a; 3 Jan 2024 10:00:00 +0000\r\nReceived: by b; 1 Jan 2024 10:00:00 +0000\r\n\r\n",
        "2024-01-03T10:00:00+00:00"
    )]
    [InlineData("Received: by a; 1 Jan 2024 10:00:00 +0000 (a; b (c; d) \\; e)\r\n\r\n", "2024-01-01T10:00:00+00:00")]
    [InlineData("Received: by a (never closed; 1 Jan 2024 10:00:00 +0000\r\n\r\n", "2024-01-01T10:00:00+00:00")]
    [InlineData(
        "From ann@example.org Mon Jan  1 10:00:00 2024\r\nReceived: by a; 1 Jan 2024 10:00:00 +0000\r\n\r\n",
        "2024-01-01T10:00:00+00:00"
    )]
    [InlineData("no header line\r\nReceived: by a; 1 Jan 2024 10:00:00 +0000", "2024-01-01T10:00:00+00:00")]
    [InlineData("Received: by a; Sun, 16 Jun 2024 11:00:00 +0000\r\n\r\n", "2024-06-16T11:00:00+00:00")]
    public void The_topmost_Received_header_tells(string message, string date) => Is(message, date, ReceivedDateSource.Received);

    [Theory]
    [InlineData("Date: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received: by a with no date\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received: by a; soon\r\nReceived: by b; 1 Jan 2023 10:00:00 +0000\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received: by a; 1 Jan 2031 10:00:00 +0000\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received: by a; 1 Jan 1960 10:00:00 +0000\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("X-Received: by a; 1 Jan 2024 10:00:00 +0000\r\nDate: Tue,\r\n 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received-SPF: pass; 1 Jan 2024 10:00:00 +0000\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    public void Else_the_Date_header(string message) => Is(message, "2024-01-02T10:00:00+01:00", ReceivedDateSource.Date);

    [Theory]
    [InlineData("")]
    [InlineData("\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("\nReceived: by a; 1 Jan 2024 10:00:00 +0000\n\n")]
    [InlineData("Subject: x\r\n\r\nDate: Tue, 2 Jan 2024 10:00:00 +0100\r\n\r\n")]
    [InlineData("Date: Thu, 99 Foo 99999 25:61:61 +9999\r\n\r\n")]
    [InlineData("Date: \r\nReceived:\r\n\r\n")]
    [InlineData("Date: Tue, 2 Jan 2035 10:00:00 +0100\r\n\r\n")]
    [InlineData("Received: ((((((\\\r\n\r\n")]
    [InlineData("Date")]
    public void Else_now(string message) => Is(message, "2024-06-15T12:00:00+00:00", ReceivedDateSource.Now);

    [Fact]
    public void Only_so_much_of_a_header_is_kept()
    {
        var long1 = "X-Long: " + new string('x', ArrivalDate.MostKept) + "\r\n";
        Is(long1 + "Received: by a; 1 Jan 2024 10:00:00 +0000\r\n\r\n", "2024-06-15T12:00:00+00:00", ReceivedDateSource.Now);
        Is("Received: by a; 1 Jan 2024 10:00:00 +0000\r\n" + long1 + "\r\n", "2024-01-01T10:00:00+00:00", ReceivedDateSource.Received);
    }

    /// <summary>Whatever the pieces are in which it comes, and after another message.</summary>
    private static void Is(string message, string date, ReceivedDateSource source)
    {
        var arrival = new ArrivalDate(new Clock(), DateUtils.TryParse);
        foreach (var size in new[] { 1, 2, 3, 7, 1000, int.MaxValue })
        {
            foreach (var piece in Encoding.Latin1.GetBytes(message).Chunk(size))
                arrival.Append(piece);
            Assert.Equal(
                new ReceivedDate(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), source),
                arrival.Take()
            );
        }
    }

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => s_now;
    }
}
