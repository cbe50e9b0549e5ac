using Microsoft.Extensions.Logging;

namespace Migrator.Worker.Telling;

internal static class AnswerLog
{
    public static void Answers(this ILogger log, Letter letter, IReadOnlyList<Answer> answers)
    {
        foreach (var answer in answers)
        {
            if (answer.Wrong is { } wrong)
                log.NotTold(answer.Who, letter.Subject, wrong);
            else
                log.Told(answer.Who, letter.Subject);
        }
    }
}
