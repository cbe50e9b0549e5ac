using System.Text;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Migrations;

/// <summary>Plain messages, for tests that are about something else.</summary>
public static class Letters
{
    public static byte[] Letter(int number, int size = 200) =>
        Encoding.Latin1.GetBytes(
            $"From: a@example.org\r\nSubject: Letter {number}\r\nMessage-ID: "
                + $"<{number}@example.org>\r\n\r\n{new string((char)('a' + (number % 26)), size)}\r\n"
        );

    public static async Task FillAsync(RawImap imap, string folder, int from, int count, int size = 200)
    {
        for (var number = from; number < from + count; number++)
            await imap.AppendAsync(
                folder,
                Letter(number, size),
                number % 2 == 0 ? "\\Seen" : "",
                DateTimeOffset.UnixEpoch.AddDays(10_000 + number)
            );
    }
}
