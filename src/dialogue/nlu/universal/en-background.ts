/** Things that people say near a telephone and that mean none of the intents. */
export const enBackground = `
it's raining outside | the weather is nice today | I was watching television | turn the television down | the dog is barking | be quiet please kids | where are my keys | dinner is on the table
I went to the shop this morning | we are going on holiday next month | my sister lives in the city | he works at the factory | she is my neighbour | it's on the kitchen table | the red one over there
I have two children | my son is at school | we had a lovely time | the car is in the garage | the bus was late again | I like coffee | I like football | did you see the match | who won the game
play some music | turn on the light | set an alarm | what time is it | what day is it today | what's the weather like | tell me a joke | sing me a song | how old are you | where do you live
I lost my card | my card doesn't work | I forgot my password | I changed my address | I have a new address | I need a loan | I have a question about my bill | I want to change my appointment
my account is locked | the website doesn't work | the app keeps crashing
one two three | four five six | seven eight nine | twenty five | a hundred and ten | blue | green | yellow | apple | mountain | john | mary smith | london | new york | chicago illinois
it depends | I'm not sure | I don't know | I have no idea | maybe | perhaps | could be | it's complicated | that's a good question | let's see what happens | you know what I mean | well | so | and | but | the | like
hello | hello hello | hi | good morning | good afternoon | good evening | hey | hi there | how are you | how are you doing | I'm fine how are you | nice to meet you | my name is peter | this is anna
I was born in march | he said he would come | they don't open before nine | it was in the newspaper | I read about it | I heard about it | my mother told me | we talked about it yesterday
that's funny | that's strange | very funny | ha ha | oh my god | wow | oh dear | really | is that so | I see | oh I see | got it | what a day | long time no see
the keys are under the mat | the shop on the corner is closed | our garden is full of flowers | my grandfather was a sailor | the plane lands at seven | we took the ferry to the island | the museum opens at ten
the book is about a war | the film was too long | my favourite colour is green | she plays the piano | he is learning to drive | the kids are doing their homework | the baby is asleep | the cat is asleep on the sofa
we had soup for lunch | I cooked rice and beans | the bread is in the oven | pass me the salt | the coffee is cold | open the window | close the door behind you | put it on the shelf | take the second street on the right
go straight ahead and then left | it is next to the post office | it's behind the school | the fourth floor | room two hundred and six | gate twenty | on the left side | at the end of the road | in the blue building
my birthday is in june | nineteen seventy five | the tenth of may | half past eight | a quarter to nine | last summer | two years ago | since I was a child | every other weekend | once in a while
three and a half | seven hundred dollars | about ninety percent | twelve people | a dozen eggs | two cups of sugar | sixty kilometers | five feet eleven | size forty two | a pair of shoes
I work as a nurse | I'm a teacher | my brother is a plumber | he studies law in chicago | she moved to canada | they got married last year | my uncle has a farm | the neighbours have a dog | our team lost again
the president gave a speech | there was a fire downtown | prices went up again | the election is in november | the stock market fell | traffic was terrible this morning | my flight was cancelled | the battery is empty
a big brown box | made of wood | striped and a bit dirty | it smells like smoke | it's heavier than it looks | purple elephants dance | the moon is made of cheese | birds fly south in winter | water boils at a hundred degrees
alpha bravo charlie | A B C D | m as in mary | w t f s | anderson with an o | thirty one elm street | postcode five zero two | dot com | at gmail dot com | forward slash | hash | asterisk
in case you were wondering | by the way | on the other hand | as far as I can tell | the thing is | what I mean is | or something like that | and so on | and things like that | that kind of stuff | sort of
somebody left an umbrella | you look like my cousin | did you eat already | can you swim | who wrote that song | how tall is the tower | how far is it to boston | why is the sky blue | when does the store open | where is the station
my aunt is from italy | her husband is german | we flew to spain last year | the french restaurant is full | I like chinese food | german cars are good | a korean film | my boss comes from india | he was born in russia | they live in brazil now | the english team | a turkish carpet | polish sausage
a wooden spoon | three blind mice | the number of the house is nine | take the elevator | it's about twenty minutes by bus | my knee hurts | the doctor gave me pills | I slept badly | the tea is too hot | we are four at home | he plays the drums | she won a prize | the roof is leaking`;
